export const projects: Readonly<Record<'EchoServer' | 'Oracle', string>>;
export function publishAssembly(name: keyof typeof projects, edgeJs: string): string;
