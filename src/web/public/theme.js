// Before the first paint: a chosen theme must not flash the other one. Without a choice the system decides.
try {
  const choice = localStorage.getItem("chasqui.theme");
  if (choice === "light" || choice === "dark") document.documentElement.dataset.theme = choice;
} catch {
  // Storage is forbidden in this browser: the system's theme it is.
}
