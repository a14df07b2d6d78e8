/** Every code that Skein can answer with, and what it means. `docs/errors.md` is checked against this list. */
export const ERROR_CODES = {
  // the request itself
  invalid_request: "A value is missing, of the wrong type or out of range; `field` names it.",
  invalid_json: "The body is not valid JSON.",
  invalid_id:
    "An id is empty, longer than 128 characters or has characters outside [A-Za-z0-9._:-].",
  invalid_text: "Text contains NUL, a control character or half of a surrogate pair.",
  invalid_cursor: "The cursor is malformed, or was issued for another list, filter or user.",
  unknown_field: "A field is not known here and would have been lost.",
  limit_exceeded: "A count or a size is over its limit.",
  metadata_too_large:
    "Metadata has more than 64 keys, a key of more than 64 characters, or more than 16 KiB.",
  body_too_large: "The request body or the blob is over the limit.",
  unsupported_media_type: "The request body is not JSON.",
  path_refused: "The path leads out of the workspace, or to something that is not a plain file.",
  unsupported_part: "The agent's model cannot take this kind of part.",
  unsupported_capability: "This store or this configuration cannot do what was asked.",
  route_not_found: "There is no such path.",
  method_not_allowed: "The path exists, but not with this method.",
  // who is asking
  unauthorized: "The API key is missing or wrong.",
  forbidden: "The caller may see the thread, but not do this to it.",
  origin_refused: "In local mode the Host or the Origin is not this machine.",
  // what is asked for
  thread_not_found: "There is no such thread for this caller.",
  thread_deleted: "The thread was deleted; it can be undeleted for 30 days.",
  thread_archived: "The thread is archived and the policy forbids writing to it.",
  message_not_found: "There is no such message in this thread.",
  branch_not_found: "There is no such branch in this thread.",
  run_not_found: "There is no such run in this thread.",
  action_not_found: "The run asks for no such action.",
  agent_not_found: "No agent of this name is configured.",
  blob_not_found: "There is no such blob that the caller may read.",
  file_not_found: "There is no such file in the workspace.",
  change_not_found: "The thread has no such change of files.",
  version_not_found: "The thread has no such version.",
  webhook_not_found: "There is no such webhook.",
  delivery_not_found: "The webhook has no such delivery that waits or is dead.",
  trimmed:
    "It was let go of by a trim; `details.oldest` is the lowest version of the thread that can be read.",
  // state
  file_conflict: "The file is not as the change needs it to be; nothing was touched.",
  message_not_queued: "The message has taken its place and cannot be taken back.",
  version_conflict:
    "The thread is not at the version, or its branch not at the message, that the caller expected.",
  id_conflict: "The id is taken by something with other content.",
  op_conflict: "The idempotency key was used before for another command.",
  branch_exists: "A branch of this name exists.",
  branch_protected: "`main` cannot be renamed or removed.",
  run_active: "A run holds the branch.",
  run_ended: "The run has ended.",
  run_expired: "The run was not done when its time was over.",
  run_superseded: "A later run answered for this one, because it was asked to interrupt.",
  action_decided: "The action was decided before, and otherwise.",
  invalid_transition: "The run cannot do this in its present state.",
  unknown_tool_call: "The tool output answers a call that is not open on this branch.",
  tool_group_split: "The cut would separate a tool call from its result.",
  tool_calls_open: "The branch ends in tool calls without results; answer or close them first.",
  writer_busy: "Another writer holds the thread; `details` has the holder and the expiry.",
  lease_lost: "The lease was taken over; nothing was written.",
  version_not_incremented: "The modification returned a thread whose version did not rise.",
  // running agents
  model_error: "The model's provider answered with an error.",
  model_not_configured: "The model's name or its key is missing or wrong.",
  tool_error: "A tool failed.",
  hook_failed: "A function of this process that is asked about runs threw.",
  step_failed: "A function that is an agent failed, or a step of it.",
  run_interrupted: "The run was interrupted too often and was ended.",
  timeout: "The operation took longer than its limit.",
  aborted: "The caller aborted the operation.",
  // the machine
  overloaded: "Too much is waiting; try again after `Retry-After`.",
  store_closed: "The store is closed.",
  store_busy: "Another process kept the store locked for too long.",
  store_unavailable:
    "The database does not answer; try again. Whether a write took effect is known when it does.",
  store_full: "The disk is full.",
  store_corrupt: "The store has data that it cannot read.",
  schema_too_new: "The store was written by a newer version of Skein.",
  internal: "A fault in Skein.",
} as const;

export type ErrorCode = keyof typeof ERROR_CODES;
