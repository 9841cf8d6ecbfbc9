// Counts checks and prints those that fail. Knows nothing of what is checked.

const total = { passed: 0, failed: 0 };
let shown = 0;

/** At most this many failures of one heading are printed; the closing line counts them all. */
const MOST_LINES = 40;

/** One check: `what` is said only when it fails. */
export function check(isFine, what) {
  if (isFine) {
    total.passed += 1;
    return true;
  }
  total.failed += 1;
  shown += 1;
  if (shown <= MOST_LINES) console.log(`  FAIL ${what}`);
  if (shown === MOST_LINES + 1) console.log("  … more of the same");
  return false;
}

/** For what happens a different number of times in every run, such as requests: counts only when it is wrong. */
export function insist(isFine, what) {
  return isFine || check(false, what);
}

/** Runs a group of checks under a heading and says how many it had and how long it took. */
export async function group(title, run) {
  const before = { ...total };
  const started = performance.now();
  shown = 0;
  console.log(title);
  try {
    await run();
  } catch (error) {
    check(false, `stopped: ${error.stack?.replace(/\n {4}at .*/gs, "") ?? error}`);
  }
  const passed = total.passed - before.passed;
  const failed = total.failed - before.failed;
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`  ${passed} passed${failed ? `, ${failed} failed` : ""}, ${seconds} s`);
}

/** Prints the closing line and returns the exit code. */
export function close() {
  console.log(`${total.passed} passed, ${total.failed} failed`);
  return total.failed === 0 && total.passed > 0 ? 0 : 1;
}
