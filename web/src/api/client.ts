import { type ApiError, problemOf, unreachable } from "./problem";

const UNSAFE = new Set(["POST", "PUT", "PATCH", "DELETE"]);

let csrfToken = "";
let onAnswer: (error: ApiError | null) => void = () => {};

/** The session's CSRF token, sent with every unsafe request from now on. Kept in memory only. */
export function rememberCsrfToken(token: string): void {
  csrfToken = token;
}

/** `listener` hears of every answer: null for a good one, else the refusal. */
export function listenToAnswers(listener: (error: ApiError | null) => void): void {
  onAnswer = listener;
}

/** One request to the server with the session cookie. Throws `ApiError` for every refusal and for a dead network. */
export async function send(url: string, options: RequestInit = {}): Promise<Response> {
  const headers = new Headers(options.headers);
  if (!headers.has("Accept")) headers.set("Accept", "application/json, application/problem+json");
  if (csrfToken && UNSAFE.has(options.method ?? "GET")) headers.set("X-CSRF-Token", csrfToken);
  let response: Response;
  try {
    response = await fetch(url, { ...options, headers, credentials: "same-origin" });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw unreachable();
  }
  if (response.ok) {
    onAnswer(null);
    return response;
  }
  const problem = problemOf(response.status, await bodyOf(response), response.headers.get("X-Request-Id") ?? "");
  onAnswer(problem);
  throw problem;
}

/** orval's mutator: the generated functions call this and nothing else. */
export async function request<T>(url: string, options?: RequestInit): Promise<T> {
  const response = await send(url, options);
  return (response.status === 204 ? undefined : await response.json()) as T;
}

async function bodyOf(response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch {
    return null;
  }
}
