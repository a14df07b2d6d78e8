import { nativeRoutes } from "../../src/http/native/native-routes.ts";
import { wireError } from "../../src/protocol/error.ts";

const patterns = nativeRoutes.map((route) => ({
  route,
  pattern: new RegExp(`^/api/v1${route.path.replaceAll(/\{\w+\}/g, "[^/]+")}$`),
}));

/** Throws unless the answer is what the OpenAPI document promises: a documented status, and a body of the documented shape. */
export function checkAnswer(
  method: string,
  pathname: string,
  answer: { readonly status: number; readonly type: string; readonly body: unknown },
): void {
  const { status, type, body } = answer;
  if (!type.startsWith("application/json") || status === 304) return;
  const schema =
    status >= 400
      ? wireError
      : patterns.find(({ route, pattern }) => route.method === method && pattern.test(pathname))
          ?.route.answer;
  const result = schema?.safeParse(body);
  if (result === undefined || result.success) return;
  throw new Error(
    `${method} ${pathname} answered ${status} with a body of another shape: ${result.error.message}`,
  );
}
