import {
  IconBraces,
  IconDatabase,
  IconFileText,
  IconPlug,
  IconTable,
  IconTerminal2,
  IconWorld,
} from "@tabler/icons-react";

const ICONS: Record<string, typeof IconPlug> = {
  http: IconWorld,
  files: IconFileText,
  tabular: IconTable,
  json: IconBraces,
  sql: IconDatabase,
  script: IconTerminal2,
};

/** The sign of the connector that a command ("files.create") belongs to. */
export function CommandIcon({ command, size = 18 }: { command: string; size?: number }) {
  const Icon = ICONS[command.split(".", 1)[0] ?? ""] ?? IconPlug;
  return <Icon size={size} stroke={1.7} aria-hidden="true" />;
}
