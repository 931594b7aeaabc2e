import test from 'ava';

/** A test that is skipped on Windows. */
export const offWindows = process.platform === 'win32' ? test.serial.skip : test.serial;
