import { createSkein, memoryStore } from "skein";

export async function main(print: (line: string) => void = console.log): Promise<void> {
  const skein = createSkein({ store: memoryStore() });
  const metadata = {
    project: "web-api",
    priority: "high",
    department: "engineering",
    created_by: "alice",
  };
  await skein.create({ id: "metadata-example", metadata }, { userId: "alice" });
  await skein.respond({
    threadId: "metadata-example",
    userId: "alice",
    input: "I need help with my high-priority web API project.",
  });

  // A merge patch: what it does not name stays, `null` removes.
  const thread = await skein.update("metadata-example", {
    metadata: { priority: "low", department: null },
  });
  print(JSON.stringify(thread.metadata));
  const found = await skein.list({ metadata: { project: "web-api" } });
  print(found.items.map(({ id }) => id).join(", "));
  await skein.close();
}

if (import.meta.main) await main();
