import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  installedVersion,
  PACKAGES,
  packageVersions,
  projectCommit,
  projectVersion,
} from '../../src/common/packages.js';

const manifest = require('../../package.json') as {
  version: string;
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
};

describe('packages', () => {
  it('packageVersions() gives the versions that package.json asks for', () => {
    const wanted = { ...manifest.dependencies, ...manifest.devDependencies };
    assert.deepEqual(packageVersions(), Object.fromEntries(PACKAGES.map((name) => [name, wanted[name]])));
  });

  it('installedVersion() is null for a package that is not there', () => {
    assert.equal(installedVersion('there-is-no-such-package'), null);
  });

  it("projectVersion() is package.json's", () => {
    assert.equal(projectVersion(), manifest.version);
  });

  it("projectCommit() is a checkout's, and tells whether files were changed since", () => {
    const commit = projectCommit();
    if (existsSync(join(__dirname, '../../.git'))) assert.match(commit!, /^[0-9a-f]{7,40}(-dirty)?$/);
    else assert.equal(commit, undefined);
  });
});
