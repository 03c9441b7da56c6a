import { expect, it } from 'vitest';
import { InputError, printable } from '../src/index.js';

const named = 'a\u001b[31m\u0007\u009b2Jb\r.tif';

it('writes control characters as what they are, and keeps line breaks, tabs and letters', () => {
  expect(printable(named)).toBe('a\\x1b[31m\\x07\\x9b2Jb\\x0d.tif');
  expect(printable('größe\t1 µm\n')).toBe('größe\t1 µm\n');
});

it('guards the messages of errors, whose parts stay as they came', () => {
  const error = new InputError({ who: named, got: 'no such file', wanted: 'an image' });
  expect(error.message).toBe('a\\x1b[31m\\x07\\x9b2Jb\\x0d.tif: got no such file, wanted an image');
  expect(error.parts.who).toBe(named);
});

it('shows names of any length in a message of some lines', () => {
  const long = `begin${'a'.repeat(100_000)}end`;
  const { message, parts } = new InputError({ who: long, got: long, wanted: 'an image' });
  expect(message).toMatch(/^begina+ … a+end: got begina+ … a+end, wanted an image$/);
  expect(message.length).toBeLessThan(1500);
  expect(parts.who).toBe(long);
});
