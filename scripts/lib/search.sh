# shellcheck shell=bash disable=SC2154
# The part of scripts/bench about the search, which sets bin and work: how long the index of a large store takes, how long the
# answers take then, and that storing messages does not pay for it.

search_missed=0

# A store of COUNT messages: chats of two messages, whose words are as frequent as in a language (Zipf), one word in half
# of the messages and one in ten of them.
search_store() { # COUNT DATABASE
    "$bin/parley" db migrate -d "$2" -q >/dev/null
    sqlite3 "$2" "
        PRAGMA synchronous = OFF;
        BEGIN;
        CREATE TEMP TABLE words (id INTEGER PRIMARY KEY, word TEXT);
        WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 499999)
        INSERT INTO words SELECT i, 'w' || CAST(exp(10.8 * abs(random() % 1000000) / 1000000.0) AS INTEGER) FROM n;
        CREATE TEMP TABLE texts (id INTEGER PRIMARY KEY, text TEXT);
        INSERT INTO texts SELECT id / 20, group_concat(word, ' ') FROM words GROUP BY id / 20;
        WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $1 / 2)
        INSERT INTO sessions (id, title, model, created_at, updated_at)
        SELECT i, 'chat ' || i, 'simulator/sim-small', 1790000000000 + i * 1000, 1790000000000 + i * 1000 FROM n;
        WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $1)
        INSERT INTO messages (id, session_id, position, role, content, created_at)
        SELECT i, (i + 1) / 2, (i + 1) % 2, iif(i % 2, 'user', 'assistant'),
            a.text || ' ' || b.text || iif(i * 2654435761 >> 16 & 1, ' everywhere', '')
                || iif(i % ($1 / 10) = 7, ' nearlynowhere', ''),
            1790000000000 + i * 500
        FROM n
        JOIN texts a ON a.id = i * 7919 % 25000
        JOIN texts b ON b.id = (i / 25000 * 613 + i * 104729) % 25000;
        COMMIT;"
}

# The median of seven runs of a search, in milliseconds: by the clock, and of processor time, since others may use the machine.
search_time() { # DATABASE ARGUMENT…
    local database=$1 begin end TIMEFORMAT='%U %S'
    shift
    for _ in 1 2 3 4 5 6 7; do
        begin=$(date +%s%N)
        { time "$bin/parley" sessions search "$@" -d "$database" --json >"$work/search.json"; } 2>"$work/search.cpu"
        end=$(date +%s%N)
        awk -v clock=$((end - begin)) '{ printf "%.1f %.0f\n", clock / 1e6, 1000 * ($1 + $2) }' "$work/search.cpu"
    done >"$work/search.times"
    echo "$(cut -d ' ' -f 1 "$work/search.times" | sort -n | sed -n 4p) $(cut -d ' ' -f 2 "$work/search.times" | sort -n | sed -n 4p)"
}

# A line of the table; what the program takes to start and to search in two messages is taken off.
search_row() { # NAME ARGUMENT…
    local name=$1 clock cpu
    shift
    read -r clock cpu < <(search_time "$work/search.db" "$@")
    awk -v name="$name" -v clock="$clock" -v cpu="$cpu" -v start_clock="$search_start_clock" -v start_cpu="$search_start_cpu" \
        -v matches="$(sed -n 's/.*"matches":\([0-9]*\).*/\1/p' "$work/search.json")" 'BEGIN {
            printf "  %-42s %6.1f ms by the clock %5d ms of processor time   %6d matches weighed\n", name,
                clock - start_clock, cpu - start_cpu, matches
            exit cpu - start_cpu > 100 }' || search_missed=1
}

# Jobs a second through the simulator in process, into a store that has an index and one that has none.
search_batch() { # DATABASE
    local begin end
    questions 5000 "$work/questions.csv"
    "$bin/parley" enqueue "$work/questions.csv" -d "$1" -m simulator/sim-small --batch "bench-$RANDOM$RANDOM" -q
    begin=$(date +%s%N)
    PARLEY_SIMULATE_LATENCY_MS=0 "$bin/parley" run -d "$1" --concurrency 64 --json >"$work/run.json" 2>"$work/run.log"
    end=$(date +%s%N)
    echo $((5000 * 1000000000 / (end - begin)))
}

search() { # BENCH_MESSAGES changes the number
    local count=${BENCH_MESSAGES:-1000000} begin end with without
    need sqlite3:sqlite3 /usr/include/sqlite3.h:libsqlite3-dev
    [ -n "${bin:-}" ] || build parley
    say "search: $count messages of some forty words"
    rm -f "$work"/search*.db*
    search_store "$count" "$work/search.db"
    search_store 2 "$work/search-small.db"
    cp "$work/search.db" "$work/search-plain.db"
    "$bin/parley" sessions search nothing -d "$work/search-small.db" --json >/dev/null
    read -r search_start_clock search_start_cpu < <(search_time "$work/search-small.db" everywhere)
    begin=$(date +%s%N)
    "$bin/parley" sessions search nothing -d "$work/search.db" --json >/dev/null
    end=$(date +%s%N)
    awk -v time=$((end - begin)) -v count="$count" -v before="$(stat -c %s "$work/search-plain.db")" \
        -v after="$(stat -c %s "$work/search.db")" 'BEGIN {
            printf "  the first search takes all up in %.1f s, %d messages/s; the file grows from %.0f to %.0f MiB\n",
                time / 1e9, count * 1e9 / time, before / 1048576, after / 1048576 }'
    search_row "a rare word (10)" nearlynowhere
    search_row "a word that half of all have" everywhere
    search_row "two words" everywhere w3
    search_row "a phrase of frequent words" '"w1 w2"'
    search_row "a rare word and one that half have" nearlynowhere everywhere
    search_row "a beginning of two letters (all words)" 'w1*'
    search_row "a beginning of four letters" 'w123*'
    search_row "a frequent word, answers only" everywhere --role assistant
    search_row "a frequent word, in batches only (none)" everywhere --batches
    say "search: 5,000 jobs into a store with the index and one without, in turns"
    for _ in 1 2 3; do
        with=$(search_batch "$work/search.db")
        without=$(search_batch "$work/search-plain.db")
        awk -v with="$with" -v without="$without" 'BEGIN {
            printf "  with %5d jobs/s   without %5d jobs/s   share %.0f %%\n", with, without, 100 * with / without }'
    done
    [ "$search_missed" = 0 ] || { echo "scripts/bench: a search took more than 100 ms" >&2; exit 1; }
}
