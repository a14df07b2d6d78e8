import type { Program } from "./command.ts";

/** Every command by name. What it does is loaded when it is asked for. */
export const PROGRAM: Program = {
  serve: {
    summary: "Start the server",
    load: async () => (await import("./commands/serve.ts")).serve,
  },
  chat: {
    summary: "Talk to an agent, line by line",
    load: async () => (await import("./commands/chat.ts")).chat,
  },
  threads: {
    summary: "List, read and change threads",
    commands: {
      list: {
        summary: "List threads, newest activity first",
        load: async () => (await import("./commands/threads/list.ts")).list,
      },
      show: {
        summary: "Show a thread and its messages",
        load: async () => (await import("./commands/threads/show.ts")).show,
      },
      search: {
        summary: "Search titles, messages and tool output",
        load: async () => (await import("./commands/threads/search.ts")).search,
      },
      new: {
        summary: "Create a thread",
        load: async () => (await import("./commands/threads/new.ts")).create,
      },
      rename: {
        summary: "Change a thread's title",
        load: async () => (await import("./commands/threads/rename.ts")).rename,
      },
      tag: {
        summary: "Add and remove tags",
        load: async () => (await import("./commands/threads/tag.ts")).tag,
      },
      fork: {
        summary: "Continue a thread's messages in a new thread",
        load: async () => (await import("./commands/threads/fork.ts")).fork,
      },
      edit: {
        summary: "Replace a message; the old path stays",
        load: async () => (await import("./commands/threads/edit.ts")).edit,
      },
      regenerate: {
        summary: "Answer a turn again; the old answer stays",
        load: async () => (await import("./commands/threads/regenerate.ts")).regenerate,
      },
      truncate: {
        summary: "Move a branch back to a message; the tail stays",
        load: async () => (await import("./commands/threads/truncate.ts")).truncate,
      },
      trim: {
        summary: "Let go of old messages and of the log, for good",
        load: async () => (await import("./commands/threads/trim.ts")).trim,
      },
      branches: {
        summary: "List, make, rename and remove branches",
        load: async () => (await import("./commands/threads/branches.ts")).branches,
      },
      restore: {
        summary: "Return a thread to what it was at a version",
        load: async () => (await import("./commands/threads/restore.ts")).restore,
      },
      related: {
        summary: "Show the threads around a thread",
        load: async () => (await import("./commands/threads/related.ts")).related,
      },
      link: {
        summary: "Link two threads, in both at once",
        load: async () => (await import("./commands/threads/link.ts")).link,
      },
      unlink: {
        summary: "Take a link out of both threads",
        load: async () => (await import("./commands/threads/link.ts")).unlink,
      },
      summary: {
        summary: "Keep a summary of a thread in a thread of its own",
        load: async () => (await import("./commands/threads/summary.ts")).summary,
      },
      continue: {
        summary: "Go on in a new thread and archive the old one",
        load: async () => (await import("./commands/threads/continue.ts")).continueThread,
      },
      log: {
        summary: "Print the log of a thread, or follow it",
        load: async () => (await import("./commands/threads/log.ts")).log,
      },
      feed: {
        summary: "Print what became of all threads, or follow it",
        load: async () => (await import("./commands/threads/feed.ts")).feed,
      },
      export: {
        summary: "Print a thread as JSON that another store can import",
        load: async () => (await import("./commands/threads/export.ts")).exportThread,
      },
      context: {
        summary: "Show what an agent's model would get of a thread",
        load: async () => (await import("./commands/threads/context.ts")).context,
      },
      summarize: {
        summary: "Sum a thread up with a model",
        load: async () => (await import("./commands/threads/summarize.ts")).summarize,
      },
      stats: {
        summary: "Count messages, runs, tokens and cost",
        load: async () => (await import("./commands/threads/stats.ts")).stats,
      },
      state: {
        summary: "Show what the agents of a thread share, or change it",
        load: async () => (await import("./commands/threads/state.ts")).state,
      },
      members: {
        summary: "List, add and remove members",
        load: async () => (await import("./commands/threads/members.ts")).members,
      },
      open: {
        summary: "Find a thread by its alias, or make it",
        load: async () => (await import("./commands/threads/open.ts")).openThread,
      },
      hold: {
        summary: "Let nothing of a thread go until it is released",
        load: async () => (await import("./commands/threads/hold.ts")).hold,
      },
      release: {
        summary: "Hold a thread no more",
        load: async () => (await import("./commands/threads/hold.ts")).release,
      },
      sweep: {
        summary: "End threads whose time is over, and carry out the policies",
        load: async () => (await import("./commands/threads/sweep.ts")).sweep,
      },
      archive: {
        summary: "Put a thread away",
        load: async () => (await import("./commands/threads/archive.ts")).archive,
      },
      unarchive: {
        summary: "Take a thread out of the archive",
        load: async () => (await import("./commands/threads/archive.ts")).unarchive,
      },
      delete: {
        summary: "Delete a thread; it can be undeleted for 30 days",
        load: async () => (await import("./commands/threads/delete.ts")).remove,
      },
      undelete: {
        summary: "Take back the deletion of a thread",
        load: async () => (await import("./commands/threads/delete.ts")).undelete,
      },
      purge: {
        summary: "Erase a thread at once, for good",
        load: async () => (await import("./commands/threads/delete.ts")).purge,
      },
    },
  },
  messages: {
    summary: "Add, take back and erase messages",
    commands: {
      add: {
        summary: "Add a message, and have it answered with --run",
        load: async () => (await import("./commands/messages/add.ts")).add,
      },
      discard: {
        summary: "Take back a message that is still queued",
        load: async () => (await import("./commands/messages/discard.ts")).discard,
      },
      redact: {
        summary: "Erase what a message says, for good",
        load: async () => (await import("./commands/messages/redact.ts")).redact,
      },
    },
  },
  inbox: {
    summary: "List what waits for a person, across threads",
    load: async () => (await import("./commands/inbox.ts")).inbox,
  },
  runs: {
    summary: "Look at what agents do, answer and stop them",
    commands: {
      list: {
        summary: "List the runs of a thread, newest first",
        load: async () => (await import("./commands/runs/list.ts")).list,
      },
      show: {
        summary: "Show a run",
        load: async () => (await import("./commands/runs/show.ts")).show,
      },
      steps: {
        summary: "List the model and tool calls of a run",
        load: async () => (await import("./commands/runs/steps.ts")).steps,
      },
      cancel: {
        summary: "Stop a run; its partial text is kept",
        load: async () => (await import("./commands/runs/cancel.ts")).cancel,
      },
      approve: {
        summary: "Allow what a run asks for",
        load: async () => (await import("./commands/runs/decide.ts")).approve,
      },
      deny: {
        summary: "Refuse what a run asks for",
        load: async () => (await import("./commands/runs/decide.ts")).deny,
      },
      answer: {
        summary: "Give a run what it asks for: words, or the output of a tool",
        load: async () => (await import("./commands/runs/decide.ts")).answer,
      },
      event: {
        summary: "Tell a run something",
        load: async () => (await import("./commands/runs/event.ts")).event,
      },
    },
  },
  files: {
    summary: "Look at what tools changed in files, and take it back",
    commands: {
      changes: {
        summary: "List what tools changed in files, newest first",
        load: async () => (await import("./commands/files/changes.ts")).changes,
      },
      diff: {
        summary: "Print what tools changed in files as unified diffs, oldest first",
        load: async () => (await import("./commands/files/diff.ts")).diff,
      },
      rollback: {
        summary: "Take changes of files back",
        load: async () => (await import("./commands/files/rollback.ts")).rollback,
      },
    },
  },
  webhooks: {
    summary: "Tell other programs what happens, and see what they did not take",
    commands: {
      add: {
        summary: "Add an endpoint; its secret is shown once",
        load: async () => (await import("./commands/webhooks/add.ts")).add,
      },
      list: {
        summary: "List the endpoints and how they are doing",
        load: async () => (await import("./commands/webhooks/list.ts")).list,
      },
      update: {
        summary: "Change, enable or disable an endpoint, or replace its secret",
        load: async () => (await import("./commands/webhooks/update.ts")).update,
      },
      remove: {
        summary: "Remove an endpoint with all that waits for it",
        load: async () => (await import("./commands/webhooks/remove.ts")).remove,
      },
      test: {
        summary: "Send an endpoint a test, and say what came of it",
        load: async () => (await import("./commands/webhooks/test.ts")).test,
      },
      deliveries: {
        summary: "List what an endpoint has not taken",
        load: async () => (await import("./commands/webhooks/deliveries.ts")).deliveries,
      },
      replay: {
        summary: "Send again: a dead delivery, all dead ones, or everything from a time",
        load: async () => (await import("./commands/webhooks/replay.ts")).replay,
      },
    },
  },
  export: {
    summary: "Write threads as JSON lines, a folder, Markdown or HTML",
    load: async () => (await import("./commands/export.ts")).exportThreads,
  },
  import: {
    summary: "Bring conversations in",
    otherwise: "files",
    commands: {
      files: {
        summary: "Bring in exports of Skein, ChatGPT, Claude, Claude Code, Codex and others",
        load: async () => (await import("./commands/import/files.ts")).files,
      },
      thread: {
        summary: "Bring in a thread that was exported, or one of the Agent Framework",
        load: async () => (await import("./commands/import/thread.ts")).thread,
      },
      text: {
        summary: "Make a thread of a text file, one message per paragraph",
        load: async () => (await import("./commands/import/text.ts")).text,
      },
    },
  },
  copy: {
    summary: "Copy all threads from one store to another",
    load: async () => (await import("./commands/copy.ts")).copy,
  },
  migrate: {
    summary: "Bring a store to the schema of this version",
    commands: {
      status: {
        summary: "Say which schema the store has, and which is known",
        load: async () => (await import("./commands/migrate.ts")).status,
      },
      up: {
        summary: "Migrate the store",
        load: async () => (await import("./commands/migrate.ts")).up,
      },
    },
  },
  agents: {
    summary: "List the agents that are configured",
    load: async () => (await import("./commands/agents.ts")).agents,
  },
  doctor: {
    summary: "Check the machine, the configuration and the store",
    load: async () => (await import("./commands/doctor.ts")).doctor,
  },
  version: {
    summary: "Print the version",
    load: async () => (await import("./commands/version.ts")).version,
  },
};
