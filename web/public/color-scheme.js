// Sets the colour scheme before the first paint, so that a dark page never flashes white.
(() => {
  let choice = null;
  try {
    choice = window.localStorage.getItem("onecloud-color-scheme");
  } catch {
    // Storage may be forbidden: the system's scheme is used then.
  }
  const dark = choice === "dark" || (choice !== "light" && window.matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.setAttribute("data-mantine-color-scheme", dark ? "dark" : "light");
})();
