#!/usr/bin/env node
// The `ser` command: TypeScript straight from src/ in a checkout, the compiled dist/ where the package is installed.
const { existsSync } = require('node:fs');
const { join } = require('node:path');

const source = join(__dirname, '../src/cli/ser.ts');
if (existsSync(source)) {
  require('tsx/cjs');
  require(source);
} else {
  require('../dist/cli/ser.js');
}
