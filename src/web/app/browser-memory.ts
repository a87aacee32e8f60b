/** Small choices kept in the browser. A browser that forbids storage only forgets them. */

export function recall(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    // Awaited: SecurityError where storage is forbidden.
    return null;
  }
}

/** Keeps a value; null forgets it. */
export function remember(key: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(key);
    else localStorage.setItem(key, value);
  } catch {
    // Awaited: SecurityError where storage is forbidden, QuotaExceededError where it is full.
  }
}
