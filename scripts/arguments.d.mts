import type { parseArgs, ParseArgsConfig } from 'node:util';

type Read<T extends ParseArgsConfig> = ReturnType<typeof parseArgs<T>>;

export function readArguments<const T extends ParseArgsConfig>(program: string, config: T, check?: (read: Read<T>) => string | undefined, more?: string): Read<T>;
