import assert from 'node:assert/strict';
import { installedVersion, PACKAGES, packageVersions, projectVersion } from '../../src/common/packages.js';

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
});
