import { memberOf, nameOf } from '../texts/surfaces.js';
import { joined, text } from '../texts/text.js';
import type { Value } from '../texts/text.js';

/** What an element of a list, or a member of it, is called in an error. */
export type PlaceOf = (index: number, member?: string) => Value;

/** A list in a file: `-Path, line 3, StartPort`. */
export function inLines(list: string, lineOf: (index: number, member?: string) => number | undefined): PlaceOf {
  return (index, member) => placeInLine(list, lineOf(index, member), member);
}

export function placeInLine(list: string, line: number | undefined, member?: string): Value {
  const place = text('place.line', { list: nameOf(list), line: line ?? '?' });
  return member === undefined ? place : text('place.member', { place, member: memberOf(member) });
}

/** An array: `desired[2].startPort`. */
export function inArray(list: string): PlaceOf {
  return (index, member) => joined([nameOf(list), `[${index}]`, ...member === undefined ? [] : ['.', memberOf(member)]], '');
}

/** A member of the list itself: `-Path, Blocks`. */
export function placeIn(list: string, member: string): Value {
  return text('place.member', { place: nameOf(list), member: memberOf(member) });
}
