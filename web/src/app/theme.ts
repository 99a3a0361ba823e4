import {
  type CSSVariablesResolver,
  createTheme,
  localStorageColorSchemeManager,
  type MantineColorsTuple,
} from "@mantine/core";

const cobalt: MantineColorsTuple = [
  "#eef3ff",
  "#dce6fd",
  "#b9ccf9",
  "#93aef4",
  "#7293ef",
  "#4f75e6",
  "#365fdc",
  "#2a4dc0",
  "#233f9c",
  "#1b2f73",
];
const gray: MantineColorsTuple = [
  "#f7f8fa",
  "#eef0f4",
  "#e3e7ed",
  "#d3d9e2",
  "#b9c2ce",
  "#8b97a8",
  "#5f6b7a",
  "#4a5563",
  "#333c48",
  "#1a212b",
];
const dark: MantineColorsTuple = [
  "#e4e8ee",
  "#bcc4cf",
  "#9aa5b4",
  "#7b8796",
  "#465160",
  "#2e3743",
  "#1f2731",
  "#161c24",
  "#0f141a",
  "#0a0d12",
];

export const theme = createTheme({
  primaryColor: "cobalt",
  primaryShade: { light: 6, dark: 6 },
  colors: { cobalt, gray, dark },
  black: "#1a212b",
  fontFamily: '"Inter Variable", system-ui, -apple-system, "Segoe UI", Roboto, sans-serif',
  fontFamilyMonospace: 'ui-monospace, "SF Mono", "Cascadia Code", Menlo, Consolas, "DejaVu Sans Mono", monospace',
  headings: {
    fontWeight: "640",
    sizes: {
      h1: { fontSize: "1.5rem", lineHeight: "1.3" },
      h2: { fontSize: "1.0625rem", lineHeight: "1.4" },
      h3: { fontSize: "0.9375rem", lineHeight: "1.4" },
    },
  },
  defaultRadius: "md",
  cursorType: "pointer",
  respectReducedMotion: true,
  components: {
    // The placeholder is a focusable element without a role of a menu item, which no menu may contain.
    Menu: { defaultProps: { withInitialFocusPlaceholder: false } },
  },
});

/** Every text colour here keeps 4.5:1 against panel and ground in its scheme (WCAG 2.2, 1.4.3). */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    "--mantine-color-body": "#ffffff",
    "--mantine-color-dimmed": "#586474",
    "--mantine-color-placeholder": "#667181",
    "--mantine-color-error": "#b3261e",
    "--mantine-color-default-border": "#cdd4de",
    "--oc-ground": "#f5f6f9",
    "--oc-line": "#e2e6ec",
    "--oc-hover": "#f2f5fa",
    "--oc-well": "#f7f8fb",
    "--oc-good": "#1b6e3c",
    "--oc-good-soft": "#e5f5ea",
    "--oc-warn": "#855000",
    "--oc-warn-soft": "#fdf2dc",
    "--oc-bad": "#b3261e",
    "--oc-bad-soft": "#fdebe9",
    "--oc-busy": "#2a4dc0",
    "--oc-busy-soft": "#e8eefd",
    "--oc-held": "#6b3fa0",
    "--oc-held-soft": "#f2ebfb",
    "--oc-muted": "#586474",
    "--oc-muted-soft": "#edf0f4",
    "--oc-shadow": "0 1px 2px rgb(26 33 43 / 5%)",
  },
  dark: {
    "--mantine-color-body": "#161c24",
    "--mantine-color-dimmed": "#9aa5b4",
    "--mantine-color-placeholder": "#8793a3",
    "--mantine-color-error": "#ff9b93",
    "--mantine-color-default-border": "#3a4552",
    "--mantine-color-anchor": "#93aef4",
    "--oc-ground": "#0f141a",
    "--oc-line": "#28303b",
    "--oc-hover": "#1c242e",
    "--oc-well": "#11171e",
    "--oc-good": "#72d397",
    "--oc-good-soft": "#16301f",
    "--oc-warn": "#f0bd62",
    "--oc-warn-soft": "#352813",
    "--oc-bad": "#ff9b93",
    "--oc-bad-soft": "#3b1d1c",
    "--oc-busy": "#9db6f8",
    "--oc-busy-soft": "#1b2a4e",
    "--oc-held": "#c8a8f0",
    "--oc-held-soft": "#2c2140",
    "--oc-muted": "#a3adbb",
    "--oc-muted-soft": "#242c36",
    "--oc-shadow": "none",
  },
});

export const colorSchemeManager = localStorageColorSchemeManager({ key: "onecloud-color-scheme" });
