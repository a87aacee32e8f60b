/** Small choices kept in the browser. A browser that forbids storage only forgets them. */

export const recall = (key: string): string | null => read(() => localStorage, key);

/** Keeps a value; null forgets it. */
export const remember = (key: string, value: string | null): void => write(() => localStorage, key, value);

/** What this one tab keeps, also when its page is loaded anew. */
export const recallHere = (key: string): string | null => read(() => sessionStorage, key);

export const rememberHere = (key: string, value: string | null): void => write(() => sessionStorage, key, value);

function read(storage: () => Storage, key: string): string | null {
  try {
    return storage().getItem(key);
  } catch {
    // Awaited: SecurityError where storage is forbidden.
    return null;
  }
}

function write(storage: () => Storage, key: string, value: string | null): void {
  try {
    if (value === null) storage().removeItem(key);
    else storage().setItem(key, value);
  } catch {
    // Awaited: SecurityError where storage is forbidden, QuotaExceededError where it is full.
  }
}
