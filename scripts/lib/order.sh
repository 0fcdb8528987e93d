# shellcheck shell=bash disable=SC2154
# The part of scripts/bench about the order of jobs, which sets bin and work: how often the provider's cache is hit, what that
# costs and how long it takes, in cache order beside the order of arrival, against the simulator's caches over HTTP.

order_port=$((20000 + RANDOM % 12000))
order_missed=0

# A table of COUNT questions, in no order, about so many documents of LEAST to MOST tokens.
order_table() { # COUNT DOCUMENTS LEAST MOST FILE
    awk -v count="$1" -v documents="$2" -v least="$3" -v most="$4" 'BEGIN {
        srand(7)
        split("alpha beta gamma delta invoice shipment contract liability temperature ledger", words, " ")
        print "document,question"
        for (d = 0; d < documents; d++) {
            size = 4 * (least + int(rand() * (most - least + 1)))
            text = "Document " d ". "
            length_now = length(text)
            while (length_now < size) {
                word = words[1 + int(rand() * 10)] int(rand() * 1000) " "
                text = text word
                length_now += length(word)
            }
            texts[d] = text
        }
        for (i = 0; i < count; i++) { about[i] = i % documents; number[i] = i }
        for (i = count - 1; i > 0; i--) {
            j = int(rand() * (i + 1))
            t = about[i]; about[i] = about[j]; about[j] = t
            t = number[i]; number[i] = number[j]; number[j] = t
        }
        for (i = 0; i < count; i++) print texts[about[i]] ",What does clause " number[i] " say?"
    }' >"$5"
}

# Runs the table; prints "seconds hits read-tokens input-tokens dollars".
order_run() { # TABLE PROVIDER/MODEL ORDER
    local server
    rm -f "$work"/order.db*
    "$bin/parley" simulate --port "$order_port" >"$work/simulator.log" 2>&1 &
    server=$!
    for _ in $(seq 50); do
        (exec 3<>"/dev/tcp/127.0.0.1/$order_port") 2>/dev/null && break
        sleep 0.1
    done
    export ANTHROPIC_API_KEY=bench OPENAI_API_KEY=bench DEEPSEEK_API_KEY=bench
    export ANTHROPIC_BASE_URL=http://127.0.0.1:$order_port OPENAI_BASE_URL=http://127.0.0.1:$order_port/v1
    export DEEPSEEK_BASE_URL=http://127.0.0.1:$order_port/v1
    "$bin/parley" enqueue "$1" -d "$work/order.db" -m "$2" --batch bench -p '{{document}}

{{question}}' --max-tokens 50 -q
    "$bin/parley" run bench -d "$work/order.db" --concurrency 64 --order "$3" --json >"$work/order.json" 2>"$work/order.log" ||
        { cat "$work/order.log" >&2; kill "$server"; return 1; }
    kill "$server"
    wait "$server" 2>/dev/null || true
    sed -n 's/.*"seconds":\([0-9.]*\).*/\1/p' "$work/order.json" | tr '\n' ' '
    sqlite3 -separator ' ' "$work/order.db" "SELECT sum(cache_read > 0), sum(cache_read),
        sum(input_uncached + cache_read + cache_write_5m + cache_write_1h),
        printf('%.6f', sum(cost_picodollars) / 1e12) FROM token_usage"
}

# A line for each order; the best is what the rules allow: all but so many leaders hit.
order_compare() { # NAME TABLE MODEL COUNT LEADERS
    local name=$1 table=$2 model=$3 count=$4 leaders=$5 order seconds hits read input dollars best
    best=$((count - leaders))
    for order in cache arrival; do
        read -r seconds hits read input dollars < <(order_run "$table" "$model" "$order")
        awk -v name="$name" -v order="$order" -v seconds="$seconds" -v hits="$hits" -v best="$best" -v read="$read" \
            -v input="$input" -v dollars="$dollars" 'BEGIN {
            share = best > 0 ? 100 * hits / best : 100
            printf "  %-34s %-8s %6.1f s  %6d hits, %6.2f %% of the best (%d)  %5.1f %% of the input cached  $%.4f\n",
                name, order, seconds, hits, share, best, 100 * read / input, dollars
            exit order == "cache" && share < 99 }' || order_missed=1
    done
}

# Which order is the slower one, by the sums of several pairs.
order_pairs() { # NAME TABLE MODEL
    local name=$1 cache=0 arrival=0 seconds pair
    for pair in 1 2 3 4; do
        # The first of a pair is once the one, once the other.
        for order in $([ $((pair % 2)) = 1 ] && echo cache arrival || echo arrival cache); do
            read -r seconds _ < <(order_run "$2" "$3" "$order")
            if [ "$order" = cache ]; then cache=$(awk "BEGIN { print $cache + $seconds }"); else
                arrival=$(awk "BEGIN { print $arrival + $seconds }"); fi
        done
    done
    awk -v name="$name" -v cache="$cache" -v arrival="$arrival" 'BEGIN {
        printf "  %-34s cache order %.1f s, arrival %.1f s in four runs each: %+.1f %%\n",
            name, cache, arrival, 100 * (cache / arrival - 1) }'
}

order_part() {
    local table=$work/order.csv
    say "order: 10,000 questions about 50 documents of 2,000 to 20,000 tokens, shuffled, 64 at once, simulator over HTTP"
    order_table 10000 50 2000 20000 "$table"
    order_compare "Anthropic (claude-sonnet-5)" "$table" anthropic/claude-sonnet-5 10000 50
    order_compare "OpenAI (gpt-5.6)" "$table" openai/gpt-5.6 10000 50
    # 200 requests within a minute with each beginning, 15 to a machine.
    order_compare "OpenAI before 5.6 (gpt-5)" "$table" openai/gpt-5 10000 $((50 * 14))
    order_compare "DeepSeek (deepseek-chat)" "$table" deepseek/deepseek-chat 10000 100
    say "order: the time it takes"
    order_pairs "50 documents" "$table" anthropic/claude-sonnet-5
    order_table 10000 10000 1500 1500 "$table"
    order_pairs "10,000 documents, one question each" "$table" anthropic/claude-sonnet-5
    order_table 10000 1 1500 1500 "$table"
    order_pairs "one document, 10,000 questions" "$table" anthropic/claude-sonnet-5
    return "$order_missed"
}
