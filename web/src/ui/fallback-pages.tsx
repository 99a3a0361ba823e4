import { Anchor, Button, Stack, Text, Title } from "@mantine/core";
import type { ErrorComponentProps } from "@tanstack/react-router";
import { Link, useRouter } from "@tanstack/react-router";
import { ErrorPanel } from "./error-panel";
import classes from "./fallback-pages.module.css";
import { LogoMark } from "./logo";

/** Shown where a page's data could not be loaded. */
export function CrashPage({ error, reset }: ErrorComponentProps) {
  const router = useRouter();
  const again = () => {
    reset();
    void router.invalidate();
  };
  return (
    <div className={classes.page}>
      <Stack align="flex-start">
        <title>Not shown · OneCloud</title>
        <Title order={1} tabIndex={-1}>
          This page could not be shown
        </Title>
        <ErrorPanel error={error} onRetry={again} />
        <Anchor component={Link} to="/">
          Go to the home page
        </Anchor>
      </Stack>
    </div>
  );
}

/** The same where even the frame could not be loaded. */
export function CrashAlone(props: ErrorComponentProps) {
  return (
    <main className={classes.alone}>
      <LogoMark size={36} />
      <CrashPage {...props} />
    </main>
  );
}

export function MissingPage() {
  return (
    <main className={classes.alone}>
      <LogoMark size={36} />
      <Stack align="flex-start">
        <title>Page not found · OneCloud</title>
        <Title order={1} tabIndex={-1}>
          Page not found
        </Title>
        <Text c="dimmed">There is nothing at this address. It may have been removed, or the link is incomplete.</Text>
        <Button component={Link} to="/">
          Go to the home page
        </Button>
      </Stack>
    </main>
  );
}
