/** An id that a caller chose before the log begins. */
export const WRITE_CLAIMS: string = String.raw`
function write.claim(thread)
  local id, version = arg(), arg()
  call('HSETNX', P .. 'ids', id, 'g' .. version .. ' ' .. thread)
  call('ZADD', key('gv', thread), version, id)
end
`;

/** Ids that callers chose, and operations, of versions in a range. */
export const LIST_CLAIMS: string = String.raw`
local thread, from, to = arg(), arg(), arg()
local given, operations = {}, {}
local version, isPurged = headOf(thread)
if version and not isPurged then
  given = call('ZRANGEBYSCORE', key('gv', thread), from, to, 'WITHSCORES')
  for i, operation in ipairs(call('ZRANGEBYSCORE', key('k', thread), from, to)) do
    local _, done = halves(call('HGET', P .. 'ops', operation))
    operations[i] = done
  end
end
return { given, operations }
`;

/** Threads by name, behind one if it is given, but for those whose time is over. Answers where to go on, if anywhere, and
 *  the names. */
export const LIST_NAMES: string = String.raw`
local isBehind, after, limit = arg() == '1', arg(), number()
local names = call('ZRANGEBYLEX', P .. 'threads', isBehind and '(' .. after or '-', '+',
  'LIMIT', 0, limit)
local answer = { #names == limit and names[#names] or false }
for _, name in ipairs(names) do
  if headOf(name) then answer[#answer + 1] = name end
end
return answer
`;
