/** What the server says when it refuses: RFC 9457 problem details, as one error class for the whole app. */
export type ProblemItem = { where: string; message: string; mend: string };

export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly detail: string,
    readonly problems: readonly ProblemItem[] = [],
    readonly requestId: string = "",
  ) {
    super(detail);
    this.name = "ApiError";
  }
}

const text = (value: unknown): string => (typeof value === "string" ? value : "");

const isItem = (value: unknown): value is ProblemItem =>
  typeof value === "object" && value !== null && "message" in value && typeof value.message === "string";

/** Reads a refused answer's body. A proxy's HTML page or an empty body still gives one plain sentence. */
export function problemOf(status: number, body: unknown, requestId: string): ApiError {
  const record = typeof body === "object" && body !== null ? (body as Record<string, unknown>) : {};
  const items = Array.isArray(record.problems) ? record.problems.filter(isItem) : [];
  const detail = text(record.detail) || text(record.title) || sentenceFor(status);
  const problems = items.map((item) => ({ where: text(item.where), message: item.message, mend: text(item.mend) }));
  return new ApiError(status, text(record.code), detail, problems, text(record.request_id) || requestId);
}

/** The network failed: there is no answer at all. */
export function unreachable(): ApiError {
  return new ApiError(
    0,
    "network.unreachable",
    "The server cannot be reached. Check that it is running and that you are connected.",
  );
}

function sentenceFor(status: number): string {
  if (status === 404) return "This does not exist, or you may not see it.";
  if (status === 403) return "You may not do this.";
  if (status === 429) return "Too many requests. Wait a moment and try again.";
  if (status >= 500)
    return "The server failed on this request. Try again; if it stays, give the request id to an administrator.";
  return `The server refused the request (HTTP ${status}).`;
}

export const isApiError = (error: unknown): error is ApiError => error instanceof ApiError;
