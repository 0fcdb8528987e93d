# shellcheck shell=bash disable=SC2154
# The part of scripts/bench about a long conversation, which sets bin and work: what 10,000 messages add to the time of a command.

session_messages=${BENCH_MESSAGES:-10000}
session_rounds=${BENCH_ROUNDS:-15}
session_missed=0

# A database that the program has migrated, with a conversation of so many messages, the last one whole.
session_database() { # FILE MESSAGES
    rm -f "$1"*
    "$bin/parley" db migrate -d "$1" >/dev/null 2>&1
    sqlite3 "$1" "
        INSERT INTO sessions (id, title, model, status, settings, created_at, updated_at)
            VALUES (1, 'long', 'simulator/sim-small', 'active', '{}', 1700000000000, 1700000000000);
        INSERT INTO messages (session_id, position, role, content, created_at)
            WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < $2)
            SELECT 1, i, CASE i % 2 WHEN 0 THEN 'user' ELSE 'assistant' END,
                printf('Message %d says what a message of some length says, %s', i,
                    replace(hex(zeroblob(80)), '00', 'so ')), 1700000000000 + i
            FROM n WHERE $2 > 0;" >/dev/null
}

# The milliseconds of a command by the clock, from its start to its end.
session_time() { # ARGUMENT…
    local begin end
    begin=$(date +%s%N)
    "$bin/parley" "$@" >"$work/session.out" 2>"$work/session.err" || { cat "$work/session.err" >&2; return 1; }
    end=$(date +%s%N)
    echo "$(((end - begin) / 10000))" # hundredths of a millisecond
}

session_median() { sort -n | awk '{ v[NR] = $1 } END { printf "%.1f", (v[int((NR + 1) / 2)] + v[int(NR / 2) + 1]) / 200 }'; }

# Both conversations in turn, each time on a copy of its own: medians, and what is more with the long one.
session_compare() { # LIMIT-MS WORDS ARGUMENT…
    local limit=$1 words=$2 kind long empty
    shift 2
    : >"$work/long.times"
    : >"$work/empty.times"
    for _ in $(seq "$session_rounds"); do
        for kind in long empty; do
            rm -f "$work"/now.db*
            cp "$work/$kind.db" "$work/now.db"
            session_time "$@" -d "$work/now.db" >>"$work/$kind.times"
        done
    done
    long=$(session_median <"$work/long.times")
    empty=$(session_median <"$work/empty.times")
    awk -v words="$words" -v long="$long" -v empty="$empty" -v limit="$limit" -v release="$configuration" 'BEGIN {
        own = long - empty
        verdict = limit == 0 ? "" : own <= limit ? sprintf("within %d ms", limit) : sprintf("MORE than %d ms", limit)
        printf "  %-46s %8.1f ms, empty %8.1f ms, more by %7.1f ms  %s\n", words, long, empty, own, verdict
        exit limit > 0 && own > limit && release == "release" }' || session_missed=1
}

session_part() {
    local question="What is 2 + 3?"
    say "session: a conversation of $session_messages messages beside an empty one, medians of $session_rounds rounds in turn"
    session_database "$work/long.db" "$session_messages"
    session_database "$work/empty.db" 0
    export PARLEY_SIMULATE_LATENCY_MS=0
    session_compare 0 "resume --list: opens the database" resume --list
    if "$bin/parley" sessions show --help 2>/dev/null | grep -q 'parley sessions show'; then
        session_compare 50 "sessions show: opens and shows" sessions show 1
    fi
    # The canned answer costs the provider nothing, so what is more is parley's own; the simulator reads the whole prompt.
    export OPENAI_API_KEY=bench OPENAI_BASE_URL=http://127.0.0.1:$port/v1
    session_compare 50 "chat -c, a canned answer over HTTP" chat -c "$question" -m openai/canned --no-stream
    session_compare 0 "chat -c, the simulator in process" chat -c "$question" -m simulator/sim-small
    unset PARLEY_SIMULATE_LATENCY_MS
    return "$session_missed"
}
