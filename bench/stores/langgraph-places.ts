import { join } from "node:path";
import type { OwnServer } from "../../test/support/servers/servers.ts";
import type { Turn } from "../support/turn.ts";
import { folderSize } from "./disk-size.ts";
import { loadPeer } from "./load-peer.ts";
import { postgresSize } from "./postgres-client.ts";
import type { ThreadPlace } from "./thread-place.ts";

interface Config {
  readonly configurable: { readonly thread_id: string; readonly answer?: string };
}

interface State {
  readonly messages: readonly unknown[];
}

interface Graph {
  invoke(input: State, config: Config): Promise<unknown>;
  updateState(config: Config, values: State): Promise<unknown>;
}

interface GraphBuilder {
  addNode(name: string, run: (state: State, config: Config) => State): GraphBuilder;
  addEdge(from: string, to: string): GraphBuilder;
  compile(options: { readonly checkpointer: Saver }): Graph;
}

interface LangGraph {
  readonly StateGraph: new (annotation: unknown) => GraphBuilder;
  readonly MessagesAnnotation: unknown;
  readonly START: string;
  readonly END: string;
}

interface Messages {
  readonly HumanMessage: new (text: string) => unknown;
  readonly AIMessage: new (text: string) => unknown;
}

interface Saver {
  setup?(): Promise<void>;
  getTuple(
    config: Config,
  ): Promise<{ readonly checkpoint: { readonly channel_values: Partial<State> } } | undefined>;
  end?(): Promise<void>;
  readonly db?: { close(): void };
}

interface SaverClass {
  fromConnString(address: string): Saver;
}

export async function openLangGraphSqlite(folder: string): Promise<ThreadPlace> {
  const { SqliteSaver }: { readonly SqliteSaver: SaverClass } = await loadPeer(
    "langgraph",
    "@langchain/langgraph-checkpoint-sqlite",
  );
  const saver = SqliteSaver.fromConnString(join(folder, "langgraph.db"));
  return openLangGraph(saver, () => folderSize(folder));
}

export async function openLangGraphPostgres(server: OwnServer): Promise<ThreadPlace> {
  const { PostgresSaver }: { readonly PostgresSaver: SaverClass } = await loadPeer(
    "langgraph",
    "@langchain/langgraph-checkpoint-postgres",
  );
  const url = await server.createDatabase();
  const saver = PostgresSaver.fromConnString(url);
  await saver.setup?.();
  return openLangGraph(saver, () => postgresSize(url));
}

/** A graph of one node that answers at once. It keeps checkpoints, no threads: there is no list of a user's. */
async function openLangGraph(
  checkpointer: Saver,
  size: () => Promise<number> | number,
): Promise<ThreadPlace> {
  const { StateGraph, MessagesAnnotation, START, END } = await loadPeer<LangGraph>(
    "langgraph",
    "@langchain/langgraph",
  );
  const { HumanMessage, AIMessage } = await loadPeer<Messages>(
    "langgraph",
    "@langchain/core/messages",
  );
  const graph = new StateGraph(MessagesAnnotation)
    .addNode("agent", (_, { configurable }) => ({
      messages: [new AIMessage(configurable.answer ?? "")],
    }))
    .addEdge(START, "agent")
    .addEdge("agent", END)
    .compile({ checkpointer });
  const said = ({ user, assistant }: Turn): unknown[] => [
    new HumanMessage(user),
    new AIMessage(assistant),
  ];
  return {
    create: async () => {},
    append: async (thread, _, turn) => {
      const config = { configurable: { thread_id: thread, answer: turn.assistant } };
      await graph.invoke({ messages: [new HumanMessage(turn.user)] }, config);
    },
    bring: async (thread, _, turns) => {
      const config = { configurable: { thread_id: thread } };
      await graph.updateState(config, { messages: turns.flatMap(said) });
    },
    last: async (thread, count) => {
      const found = await checkpointer.getTuple({ configurable: { thread_id: thread } });
      return found?.checkpoint.channel_values.messages?.slice(-count).length ?? 0;
    },
    bytes: async () => size(),
    close: async () => {
      await checkpointer.end?.();
      checkpointer.db?.close();
    },
  };
}
