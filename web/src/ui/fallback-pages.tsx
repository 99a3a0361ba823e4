import { Anchor, Button, Container, Stack, Text, Title } from "@mantine/core";
import type { ErrorComponentProps } from "@tanstack/react-router";
import { Link, useRouter } from "@tanstack/react-router";
import { ErrorPanel } from "./error-panel";

/** Shown where a page's data could not be loaded. */
export function CrashPage({ error, reset }: ErrorComponentProps) {
  const router = useRouter();
  const again = () => {
    reset();
    void router.invalidate();
  };
  return (
    <Container size="sm" py="xl">
      <Stack>
        <Title order={1} tabIndex={-1}>
          This page could not be shown
        </Title>
        <ErrorPanel error={error} onRetry={again} />
        <Anchor component={Link} to="/">
          Go to the home page
        </Anchor>
      </Stack>
    </Container>
  );
}

export function MissingPage() {
  return (
    <Container size="sm" py="xl">
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
    </Container>
  );
}
