import { ALLOWANCE_MS, DOUBLING_MS, GAIN_PER_MS, SLOWEST, WINDOWS } from '../jira/pace/speed.ts';

const [SHORT, LONG] = WINDOWS;

/**
 * What both scripts begin with. A meter is `{due, pausedUntil, since, knee}` in a field of the hash at KEYS[1], an issue
 * `{pausedUntil, {times of writes}}` at a key of its own. A clock that went back (another server took over) makes nothing
 * wait longer than what was still to come.
 */
const COMMON = `
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
local HOUR = 3600000

local function timeTo(share)
  return ${DOUBLING_MS} * math.log(share / ${SLOWEST}) / math.log(2)
end

local function speedAt(meter, at)
  if at <= meter[3] then return ${SLOWEST} end
  local doubled = ${SLOWEST} * 2 ^ ((at - meter[3]) / ${DOUBLING_MS})
  if doubled <= meter[4] then return doubled end
  return math.min(1, meter[4] + ${GAIN_PER_MS} * (at - meter[3] - timeTo(meter[4])))
end

local function meterOf(name)
  local packed = redis.call('HGET', KEYS[1], name)
  if not packed then return {0, 0, 0, 1} end
  local meter = cmsgpack.unpack(packed)
  meter[2] = math.min(meter[2], now + HOUR)
  meter[3] = math.min(meter[3], math.max(now, meter[2]))
  return meter
end

local function issueOf(key)
  local packed = redis.call('GET', key)
  if not packed then return {0, {}} end
  local issue = cmsgpack.unpack(packed)
  return {math.min(issue[1], now + HOUR), issue[2]}
end

local function save(name, meter)
  redis.call('HSET', KEYS[1], name, cmsgpack.pack(meter))
  redis.call('PEXPIRE', KEYS[1], 2 * HOUR)
end
`;

/** ARGV: name of everything, longest wait of all; then of each request endpoint, rate, place of its issue in KEYS or 0, longest wait, whether it is due. */
export const BOOK = `${COMMON}
local everything = meterOf(ARGV[1])
local horizon = now + ARGV[2]
local meters, issues, turns = {}, {}, {}

local function nextWrite(writes)
  local count = #writes
  local last = writes[count] or 0
  local at = last
  if count >= ${SHORT.limit} then at = math.max(at, writes[count - ${SHORT.limit - 1}] + ${SHORT.ms}) end
  if count >= ${LONG.limit} then at = math.max(at, writes[count - ${LONG.limit - 1}] + ${LONG.ms}) end
  return at
end

local function turnOf(name, rate, place, most, isDue)
  local meter = meters[name] or meterOf(name)
  meters[name] = meter
  local issue = place > 0 and (issues[place] or issueOf(KEYS[place]))
  local paused = math.max(everything[2], meter[2])
  if isDue and math.max(paused, issue and issue[1] or 0) <= now then return 0, 'endpoint' end
  local slowest = 1000 / (rate * ${SLOWEST})
  local due = math.min(meter[1], horizon + ${ALLOWANCE_MS} + slowest)
  local forSite = math.max(now, paused, due - ${ALLOWANCE_MS})
  local forIssue = 0
  if issue then
    local writes = issue[2]
    while #writes > 0 and writes[#writes] > horizon do table.remove(writes) end
    forIssue = math.max(now, issue[1], nextWrite(writes))
  end
  local at = math.max(forSite, forIssue)
  local scope = 'endpoint'
  if everything[2] >= at and everything[2] > now then scope = 'site'
  elseif forIssue > forSite then scope = 'issue' end
  if at - now > most then return at - now, scope end
  local share = math.min(speedAt(everything, forSite), speedAt(meter, forSite))
  meter[1] = math.max(due, forSite, paused + ${ALLOWANCE_MS}) + 1000 / (rate * share)
  meter.isTaken = true
  if issue then
    local writes = issue[2]
    writes[#writes + 1] = at
    while #writes > ${LONG.limit} do table.remove(writes, 1) end
    issues[place] = issue
  end
  return at - now, scope
end

for i = 3, #ARGV, 5 do
  local waitMs, scope = turnOf(ARGV[i], tonumber(ARGV[i + 1]), tonumber(ARGV[i + 2]), tonumber(ARGV[i + 3]), ARGV[i + 4] == '1')
  turns[#turns + 1] = math.ceil(waitMs)
  turns[#turns + 1] = scope
end
for name, meter in pairs(meters) do
  if meter.isTaken then save(name, {meter[1], meter[2], meter[3], meter[4]}) end
end
for place, issue in pairs(issues) do
  redis.call('SET', KEYS[place], cmsgpack.pack(issue), 'PX', math.ceil(math.max(issue[1] - now, 0)) + ${LONG.ms} + ARGV[2])
end
return turns
`;

/** ARGV: name, 'pause' and for how long, or 'ease' and the share. KEYS[2], where there is one, is the issue it is about. */
export const HEED = `${COMMON}
local number = tonumber(ARGV[3])
if KEYS[2] then
  local issue = issueOf(KEYS[2])
  issue[1] = math.max(issue[1], now + number)
  redis.call('SET', KEYS[2], cmsgpack.pack(issue), 'PX', math.ceil(issue[1] - now) + ${LONG.ms})
  return
end
local meter = meterOf(ARGV[1])
if ARGV[2] == 'ease' then
  meter[3] = math.max(meter[3], now - timeTo(math.min(1, math.max(${SLOWEST}, number))))
else
  local untilThen = math.max(meter[2], now + number)
  if meter[2] <= now then meter[4] = math.max(${SLOWEST}, speedAt(meter, now) / 2) end
  meter[2] = untilThen
  meter[3] = untilThen
end
save(ARGV[1], meter)
`;
