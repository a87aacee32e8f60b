/** `1536` -> `1.5 kB`, `1500000` -> `1.5 MB`: sizes as people read them (1 kB = 1000 bytes). */
export function size(bytes: number): string {
  return bytes < 1_000_000 ? `${(bytes / 1_000).toFixed(1)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}
