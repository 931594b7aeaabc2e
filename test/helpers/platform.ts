import test from 'ava';

/** A test that is skipped on Windows. */
export const offWindows = process.platform === 'win32' ? test.serial.skip : test.serial;

/** A test that is skipped everywhere else, and runs under Wine. */
export const onWindows = process.platform === 'win32' ? test.serial : test.serial.skip;
