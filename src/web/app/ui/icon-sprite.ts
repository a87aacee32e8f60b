/** The sprite of all icons, put into the page once: an icon that says "no server" must not need the server. */

/** Fetches the sprite and keeps it in the document. Until it is there, icons are empty and take their place. */
export async function installIcons(): Promise<void> {
  // Awaited: TypeError when the server has just gone; words stand beside every icon.
  const response = await fetch("/icons.svg").catch(() => null);
  if (!response?.ok) return;
  const sprite = new DOMParser().parseFromString(await response.text(), "image/svg+xml").documentElement;
  sprite.setAttribute("width", "0");
  sprite.setAttribute("height", "0");
  sprite.setAttribute("class", "icon-sprite");
  sprite.setAttribute("aria-hidden", "true");
  document.body.append(document.importNode(sprite, true));
}
