// mocha's `spec` report, closed by one plain line that any script can read: `N passed, N failed`.
const { Spec } = require('mocha').reporters;

module.exports = class Reporter extends Spec {
  epilogue() {
    super.epilogue();
    const { passes, failures, pending } = this.stats;
    console.log(`${passes} passed, ${failures} failed${pending > 0 ? `, ${pending} skipped` : ''}`);
  }
};
