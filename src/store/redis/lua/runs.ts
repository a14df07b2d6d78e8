export const LOAD_RUN: string = String.raw`
local thread, id = arg(), arg()
return headOf(thread) and call('HGET', key('r', thread), id) or false
`;

/** Newest first, behind a run if one is named. */
export const LIST_RUNS: string = String.raw`
local thread, limit, before = arg(), number(), arg()
if not headOf(thread) then return {} end
local order = key('ro', thread)
local start = 0
if before ~= '' then
  local rank = call('ZREVRANK', order, before)
  start = rank and rank + 1 or 0
end
local answer = {}
if limit <= 0 then return answer end
for i, id in ipairs(call('ZREVRANGE', order, start, start + limit - 1)) do
  answer[i] = call('HGET', key('r', thread), id)
end
return answer
`;

/** The thread of a run, the newest one should several have a run of this id. */
export const THREAD_OF_RUN: string = String.raw`
local id = arg()
local prefix = pair(id, '')
local names = call('ZREVRANGEBYLEX', P .. 'rt', '[' .. prefix .. '\255', '[' .. prefix)
for _, name in ipairs(names) do
  local _, rest = halves(name)
  local thread = rest:sub(17)
  if headOf(thread) then return thread end
end
return false
`;

export const LIST_STEPS: string = String.raw`
local thread, run = arg(), arg()
local answer = {}
if not headOf(thread) then return answer end
local prefix = pair(run, '')
local names = call('ZRANGEBYLEX', key('so', thread), '[' .. prefix, '[' .. prefix .. '\255')
for i, name in ipairs(names) do
  local _, rest = halves(name)
  answer[i] = call('HGET', key('s', thread), pair(run, rest:sub(17)))
end
return answer
`;

/** Runs of a list, those with the lowest scores first: thread, run and score of each. */
export const RUNS_IN: string = String.raw`
local list, by, limit = arg(), arg(), number()
local answer = {}
local found = call('ZRANGEBYSCORE', P .. list, '-inf', by, 'WITHSCORES', 'LIMIT', 0, limit)
for i = 1, #found, 2 do
  local thread, id = halves(found[i])
  local run = headOf(thread) and call('HGET', key('r', thread), id)
  if run then answer[#answer + 1] = { thread, run, found[i + 1] } end
end
return answer
`;
