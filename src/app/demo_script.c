#include "app/demo_script.h"

const struct demo_step demo_steps[] = {
	{ DEMO_TITLE, 0, "fix the flaky test", "demo-1" },
	{ DEMO_JOIN, 0, "anna" },
	{ DEMO_STEP, 100, "w1", "reproduce", "running" },
	{ DEMO_STEP, 0, "w2", "find the cause", "pending" },
	{ DEMO_STEP, 0, "w3", "fix", "pending" },
	{ DEMO_STEP, 0, "w4", "prove it", "pending" },
	{ DEMO_STATE, 0, "running", NULL, "reading the request" },
	{ DEMO_USER, 300, "anna",
	    "`test_queue` fails about once in fifty CI runs with \"expected 100, got 99\". "
	    "Please find out why and fix it. Do not just raise the timeout." },
	{ DEMO_THINK, 900,
	    "A count that is one short, rarely: that smells of a lost wake-up or of a consumer that "
	    "leaves before the last item. I should reproduce it before I read much code; a loop under "
	    "load will tell how often it fails here." },
	{ DEMO_SAY, 500,
	    "I will **reproduce it first**, so that the fix can be proven and not only believed.\n\n"
	    "The plan:\n\n"
	    "1. run the test in a loop under load\n"
	    "2. find what is lost\n"
	    "   - an item that was never queued?\n"
	    "   - or one that nobody took?\n"
	    "3. fix the cause, keep the timeout\n"
	    "4. run it a thousand times\n" },
	{ DEMO_TODO, 200, "t1", "reproduce the failure", "in_progress" },
	{ DEMO_TODO, 0, "t2", "explain it", "pending" },
	{ DEMO_TODO, 0, "t3", "fix and prove", "pending" },
	{ DEMO_STATE, 0, "running", "bash", "running the test in a loop" },
	{ DEMO_TOOL, 300, "tool-1", "bash", "for i in $(seq 200); do ./test_queue || break; done" },
	{ DEMO_OUTPUT, 700, "tool-1", "run 1 ok\nrun 2 ok\nrun 3 ok\n" },
	{ DEMO_OUTPUT, 700, "tool-1", "run 1 ok\nrun 2 ok\nrun 3 ok\n…\nrun 40 ok\n" },
	{ DEMO_FAIL, 1200, "tool-1",
	    "run 1 ok\nrun 2 ok\nrun 3 ok\n…\nrun 40 ok\n"
	    "\033[31mFAIL\033[0m test_queue.c:61: expected 100, got 99\n" },
	{ DEMO_STATE, 100, "running", NULL, "reading the code" },
	{ DEMO_SAY, 600,
	    "It fails here too, at run 41. Now the code that decides when a consumer may stop:\n" },
	{ DEMO_TOOL, 200, "tool-2", "read", "src/queue.c" },
	{ DEMO_RESULT, 500, "tool-2",
	    "58  int\n59  queue_take(struct queue *q, struct item *out)\n60  {\n"
	    "61          pthread_mutex_lock(&q->lock);\n62          if (q->n == 0 && !q->closed)\n"
	    "63                  pthread_cond_wait(&q->filled, &q->lock);\n"
	    "64          if (q->n == 0) {\n65                  pthread_mutex_unlock(&q->lock);\n"
	    "66                  return 0;\n67          }\n", NULL },
	{ DEMO_THINK, 600,
	    "Line 62: `if`, not `while`. pthread_cond_wait may return without a signal, and another "
	    "consumer may take the item between signal and wake-up. Then n == 0 although the queue is "
	    "open, and queue_take says \"closed\". The consumer leaves early." },
	{ DEMO_SAY, 500,
	    "## Found it\n\n"
	    "`queue_take` waits with `if` where it must wait with `while`:\n\n"
	    "```c\n"
	    "if (q->n == 0 && !q->closed)            /* wrong: checked once */\n"
	    "        pthread_cond_wait(&q->filled, &q->lock);\n"
	    "if (q->n == 0)\n"
	    "        return 0;                       /* \"closed\", but it is not */\n"
	    "```\n\n"
	    "> A condition variable says *something may have changed*, never *what you waited for is "
	    "true*.\n\n"
	    "How one item gets lost:\n\n"
	    "| moment | producer | consumer A | consumer B |\n"
	    "|:--|:--|:--|:--|\n"
	    "| 1 | `push(99)`, signal | wakes up | is running |\n"
	    "| 2 | | waits for the lock | takes 99 |\n"
	    "| 3 | `push(100)` | sees n = 0, **leaves** | is busy |\n"
	    "| 4 | close | gone | leaves after 99 |\n\n"
	    "With two consumers it takes a certain interleaving: about one in fifty runs, as in CI.\n" },
	{ DEMO_STEP, 200, "w1", "reproduce", "done" },
	{ DEMO_STEP, 0, "w2", "find the cause", "done" },
	{ DEMO_STEP, 0, "w3", "fix", "running" },
	{ DEMO_TODO, 0, "t1", "reproduce the failure", "completed" },
	{ DEMO_TODO, 0, "t2", "explain it", "completed" },
	{ DEMO_TODO, 0, "t3", "fix and prove", "in_progress" },
	{ DEMO_STATE, 200, "running", "edit", "writing the fix" },
	{ DEMO_TOOL, 300, "tool-3", "edit", "src/queue.c" },
	{ DEMO_RESULT, 900, "tool-3", "1 file changed",
	    "--- a/src/queue.c\n+++ b/src/queue.c\n@@ -59,9 +59,9 @@\n queue_take(struct queue *q, struct item *out)\n"
	    " {\n         pthread_mutex_lock(&q->lock);\n"
	    "-        if (q->n == 0 && !q->closed)\n"
	    "+        while (q->n == 0 && !q->closed)\n"
	    "                 pthread_cond_wait(&q->filled, &q->lock);\n"
	    "         if (q->n == 0) {\n                 pthread_mutex_unlock(&q->lock);\n" },
	{ DEMO_STATE, 100, "running", NULL, "proving it" },
	{ DEMO_SAY, 400,
	    "One word. To see that it is the cause and not a coincidence I want to run the old and the "
	    "new build side by side. That script builds both:\n\n"
	    "```python\n"
	    "import subprocess\n\n"
	    "def failures(binary, runs=1000):\n"
	    "    \"\"\"How many of `runs` end badly.\"\"\"\n"
	    "    return sum(subprocess.run([binary]).returncode != 0 for _ in range(runs))\n\n"
	    "for name in (\"old\", \"new\"):\n"
	    "    print(name, failures(f\"./test_queue.{name}\"))\n"
	    "```\n" },
	{ DEMO_STATE, 200, "paused", "bash", "waiting for an approval" },
	{ DEMO_ASK, 300, "ask-1", "run a command", "python3 race.py --old HEAD~1 --new HEAD --runs 1000" },
	{ DEMO_STATE, 200, "running", "bash", "comparing old and new" },
	{ DEMO_TOOL, 200, "tool-4", "bash", "python3 race.py --old HEAD~1 --new HEAD --runs 1000" },
	{ DEMO_INPUT, 200, "python3 race.py --old HEAD~1 --new HEAD --runs 1000" },
	{ DEMO_TERM, 500, "building HEAD~1 …\nbuilding HEAD …\n" },
	{ DEMO_OUTPUT, 300, "tool-4", "old    0 %\n" },
	{ DEMO_TERM, 600, "old: 250 of 1000, 5 failures\n" },
	{ DEMO_TERM, 600, "old: 500 of 1000, 11 failures\n" },
	{ DEMO_TERM, 600, "old: 1000 of 1000, \033[31m21 failures\033[0m\n" },
	{ DEMO_TERM, 600, "new: 500 of 1000, 0 failures\n" },
	{ DEMO_TERM, 600, "new: 1000 of 1000, \033[32m0 failures\033[0m\n" },
	{ DEMO_RESULT, 300, "tool-4", "old 21\nnew 0\n", NULL },
	{ DEMO_STATE, 100, "running", NULL, "writing the summary" },
	{ DEMO_STEP, 0, "w3", "fix", "done" },
	{ DEMO_STEP, 0, "w4", "prove it", "done" },
	{ DEMO_TODO, 0, "t3", "fix and prove", "completed" },
	{ DEMO_SAY, 500,
	    "## Done\n\n"
	    "| build | runs | failures |\n|:--|--:|--:|\n| old | 1000 | 21 |\n| new | 1000 | **0** |\n\n"
	    "What changed:\n\n"
	    "- `queue_take` re-checks its condition after every wake-up\n"
	    "- the timeout is as it was\n"
	    "- two things I saw and did **not** touch:\n"
	    "  - [ ] `queue_close` signals only one waiter; it should broadcast\n"
	    "  - [ ] `queue_free` does not check that nobody waits\n"
	    "  - [x] the lock order is the same everywhere\n\n"
	    "The rule behind it is in the manual: [pthread_cond_wait](https://man7.org/linux/man-pages/"
	    "man3/pthread_cond_wait.3p.html) says that spurious wake-ups may occur. ~~Raising the "
	    "timeout~~ would only have hidden it.\n" },
	{ DEMO_USAGE, 0, "18214", "2190", "0.0713" },
	{ DEMO_END, 100 },
	{ DEMO_STATE, 100, "idle", NULL, "waiting for you" },
	{ DEMO_USER, 2500, "anna", "Thank you! Please do the broadcast too, and say why it matters." },
	{ DEMO_STATE, 200, "running", NULL, "thinking" },
	{ DEMO_THINK, 400,
	    "queue_close uses pthread_cond_signal: with two waiting consumers one sleeps for ever, and "
	    "the join in the test hangs. That would be the next flaky test." },
	{ DEMO_SAY, 400,
	    "With `signal`, closing wakes **one** consumer. If two wait, the other sleeps for ever and "
	    "`pthread_join` never returns: the next flaky test, only worse, because it hangs.\n\n"
	    "One more line:\n" },
	{ DEMO_TOOL, 200, "tool-5", "edit", "src/queue.c" },
	{ DEMO_RESULT, 800, "tool-5", "1 file changed",
	    "--- a/src/queue.c\n+++ b/src/queue.c\n@@ -81,6 +81,6 @@\n queue_close(struct queue *q)\n {\n"
	    "         pthread_mutex_lock(&q->lock);\n         q->closed = true;\n"
	    "-        pthread_cond_signal(&q->filled);\n"
	    "+        pthread_cond_broadcast(&q->filled);\n"
	    "         pthread_mutex_unlock(&q->lock);\n }\n" },
	{ DEMO_TOOL, 200, "tool-6", "bash", "make check" },
	{ DEMO_OUTPUT, 600, "tool-6", "  CC       src/queue.o\n" },
	{ DEMO_RESULT, 1200, "tool-6",
	    "  CC       src/queue.o\n  CCLD     test_queue\n\033[32mPASS\033[0m test_queue\n"
	    "\033[32mPASS\033[0m test_pool\n# 2 passed, 0 failed\n", NULL },
	{ DEMO_SAY, 400,
	    "All tests pass. Nothing else in `src/` waits on a condition variable with `if`; I looked "
	    "at all seven places.\n" },
	{ DEMO_USAGE, 0, "24120", "2871", "0.0962" },
	{ DEMO_END, 100 },
	{ DEMO_LEAVE, 1000, "anna" },
	{ DEMO_STATE, 100, "idle", NULL, "waiting for you" },
};

const size_t demo_nsteps = sizeof demo_steps / sizeof demo_steps[0];

const char *const demo_replies[] = {
	"You wrote:\n\n> %s\n\nI am a recording with a real server behind me, so I cannot work on that. "
	"But your message went the whole way: it was on disk before it was sent, the server gave it "
	"an **offset**, and it came back on the stream. The `✓` beside it says so.\n",
	"> %s\n\nTry this while I write: pull the plug. `weir demo --cut 5` cuts the connection every "
	"five seconds, and the status line counts what came and what was applied:\n\n"
	"- `=` everything the server has is here\n- `~` catching up\n- `!` a gap, being fetched\n\n"
	"Nothing is lost and nothing comes twice.\n",
	"> %s\n\nSome keys: `Esc` leaves the line you write, `j` `k` scroll, `G` goes to the end and "
	"follows, `?` shows all of them, `q` leaves. The session stays on the server when you do.\n",
	NULL
};
