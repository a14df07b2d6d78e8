const WRITER = "A writer's modifier is a function, which no request can carry.";
const SCOPES = "Keys of a server stand for users, not for scopes.";
const RECORDED =
  "Changes of files are noted by the process that makes them; a server only shows them.";
const ARRIVAL = "Requests on several connections arrive in any order.";

/** Cases of the engine that no client of a server can have, with the reason. */
export const LEFT_OUT: Readonly<Record<string, string>> = {
  "a writer sees the thread and changes it as a whole": WRITER,
  "only one writer has a thread; anybody may still append": WRITER,
  "a writer is for those who may write": WRITER,
  "modifications are carried out one after another": WRITER,
  "a message that stays cannot be changed, one that moves is said again": WRITER,
  "a writer goes on over a message that was redacted": WRITER,
  "a writer hears how the thread goes on, by itself and by others": WRITER,
  "what was saved is told at the latest when the writer goes": WRITER,
  "a writer may make the thread, and refuses while a run holds it": WRITER,
  "a writer whose lease was taken over writes nothing, and is told": WRITER,
  "changes of files are found, newest first, however far apart they are": RECORDED,
  "a change of files is open until its end is noted, each once": RECORDED,
  "a trim lets go of the changes of files with the log": RECORDED,
  "who may not write to a thread notes nothing, who may not see it is told nothing": RECORDED,
  "a record that leads out of a workspace, or says what is none, is refused": RECORDED,
  "an engine that is bound to a user cannot act as another, nor gain rights": SCOPES,
  "tenants see nothing of one another, and may use the same ids": "A server has one tenant.",
  "commands are carried out in the order in which they were given": ARRIVAL,
  "what waits to be written is bounded, and the rest is refused for a moment":
    "Large requests arrive one after another, so fewer of them wait at the same moment.",
  "closing waits for what is under way, and refuses what comes later":
    "It is the server that is closed; its clients find nobody.",
  "deleting ends runs that wait, and is refused while one works":
    "A server stops the run that works, waits for its end, and deletes then.",
  "threads that are asked for at the same moment are read together":
    "Counts what a process reads from its store.",
  "there is no version that is not a whole number":
    "A request with such a number is refused before it is understood.",
  "an event waits for the run, and is delivered once by its key":
    "The wire counts the events that a run has not taken, and does not list them.",
  "options that are none are refused": "Values of other types, which only JavaScript could pass.",
  "64 writers append 1,000 times each to one thread: gapless, and nothing is lost":
    "64,000 requests take half a minute; 64 writers are tried with fewer by the case about observers.",
};
