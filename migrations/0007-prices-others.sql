-- Prices that parley comes with, part two: pico-dollars for each token.
--
-- The figures are those of the price map in litellm 1.109.1 (PyPI), standard tier, read on 2026-11-21; they are
-- taken to hold from 2026-11-01 on. `parley prices import` adds newer ones.
-- The simulator's are made up, hold from the first day, and say so.
INSERT INTO prices (
    provider, model, input, output, cache_read, cache_write_5m, cache_write_1h, reasoning, tiers,
    context_tokens_max, output_tokens_max, effective_from, source)
SELECT *, 1793491200000, 'litellm 1.109.1, 2026-11-21' FROM (VALUES
    ('deepseek', 'deepseek-chat', 280000, 420000, 28000, 0, NULL, NULL, '[]', 131072, 8192),
    ('deepseek', 'deepseek-reasoner', 280000, 420000, 28000, NULL, NULL, NULL, '[]', 131072, 65536),
    ('deepseek', 'deepseek-v4-flash', 300000, 1200000, 6000, 0, NULL, NULL, '[]', 1000000, 393216),
    ('deepseek', 'deepseek-v4-pro', 1320000, 3960000, 44000, 0, NULL, NULL, '[]', 1000000, 393216),
    ('gemini', 'gemini-2.5-flash', 300000, 2500000, 30000, NULL, NULL, NULL, '[]', 1048576, 65536),
    ('gemini', 'gemini-2.5-flash-lite', 100000, 400000, 10000, NULL, NULL, NULL, '[]', 1048576, 65536),
    ('gemini', 'gemini-2.5-pro', 1250000, 10000000, 125000, NULL, NULL, NULL, '[{"input_above":200000,"input":2500000,"output":15000000,"cache_read":250000}]', 1048576, 65536),
    ('gemini', 'gemini-3.5-flash', 1500000, 9000000, 150000, NULL, NULL, NULL, '[]', 1048576, 65536),
    ('gemini', 'gemini-3.5-flash-lite', 300000, 2500000, 30000, NULL, NULL, NULL, '[]', 1048576, 65536),
    ('gemini', 'gemini-3.8-flash', 750000, 3750000, 75000, NULL, NULL, NULL, '[]', 1048576, 65536),
    ('gemini', 'gemini-3.1-pro-preview', 2000000, 12000000, 200000, NULL, NULL, NULL, '[{"input_above":200000,"input":4000000,"output":18000000,"cache_read":400000}]', 1048576, 65536),
    ('gemini', 'gemini-4-argon', 2000000, 10000000, 100000, NULL, NULL, NULL, '[]', 1048576, 1048576),
    ('grok', 'grok-4.20', 1250000, 2500000, 200000, NULL, NULL, NULL, '[{"input_above":200000,"input":2500000,"output":5000000,"cache_read":400000}]', 1000000, 1000000),
    ('grok', 'grok-4.3', 1250000, 2500000, 200000, NULL, NULL, NULL, '[{"input_above":200000,"input":2500000,"output":5000000,"cache_read":400000}]', 1000000, 1000000),
    ('grok', 'grok-4.5', 2000000, 6000000, 300000, NULL, NULL, NULL, '[{"input_above":200000,"input":4000000,"output":12000000,"cache_read":600000}]', 500000, 500000),
    ('grok', 'grok-4.7', 2000000, 6000000, 500000, NULL, NULL, NULL, '[{"input_above":200000,"input":4000000,"output":12000000,"cache_read":1000000}]', 500000, 500000),
    ('grok', 'grok-code-fast-1', 1000000, 2000000, 200000, NULL, NULL, NULL, '[{"input_above":200000,"input":2000000,"output":4000000,"cache_read":400000}]', 256000, 256000),
    ('mistral', 'mistral-large-latest', 500000, 1500000, 50000, NULL, NULL, NULL, '[]', 262144, 262144),
    ('mistral', 'mistral-large-4', 1360000, 4180000, 140000, NULL, NULL, NULL, '[]', 1048576, 1048576),
    ('mistral', 'mistral-medium-latest', 1500000, 7500000, 150000, NULL, NULL, NULL, '[]', 262144, 262144),
    ('mistral', 'mistral-small-latest', 150000, 600000, 15000, NULL, NULL, NULL, '[]', 262144, 262144),
    ('mistral', 'ministral-3-8b-2512', 150000, 150000, 15000, NULL, NULL, NULL, '[]', 262144, 262144),
    ('mistral', 'codestral-latest', 300000, 900000, 30000, NULL, NULL, NULL, '[]', 128000, 128000),
    ('groq', 'openai/gpt-oss-120b', 150000, 600000, 75000, NULL, NULL, NULL, '[]', 131072, 65536),
    ('groq', 'openai/gpt-oss-20b', 75000, 300000, 37500, NULL, NULL, NULL, '[]', 131072, 65536),
    ('groq', 'qwen/qwen3.8-27b', 800000, 4000000, NULL, NULL, NULL, NULL, '[]', 131072, 16384)
);

INSERT INTO prices (provider, model, effective_from, input, output, cache_read, source)
VALUES
    ('simulator', 'sim-small', 0, 150000, 600000, 75000, 'simulated'),
    ('simulator', 'sim-large', 0, 2500000, 10000000, 1250000, 'simulated');
