// oxfmt-ignore-file
// The three snippets of Distri's threading document as they stand there. In a page `fetch` resolves the relative URLs;
// elsewhere give one that does: `(path, init) => fetch(new URL(path, server), init)`.

export type PageFetch = (path: string, init?: RequestInit) => Promise<Response>;

export async function createThread(fetch: PageFetch): Promise<Response> {
  const response = await fetch("/api/v1/threads", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({
      agent_id: "my-agent",
      title: "Discussion about AI",
      initial_message: "Hello, I want to learn about AI",
    }),
  });
  return response;
}

export async function sendMessage(fetch: PageFetch, threadId: string): Promise<Response> {
  const response = await fetch(`/api/v1/threads/${threadId}/messages`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({
      message: "What are the applications of machine learning?",
    }),
  });
  return response;
}

export async function listThreads(fetch: PageFetch): Promise<unknown> {
  const response = await fetch("/api/v1/threads?limit=20&offset=0");
  const threads = await response.json();
  return threads;
}
