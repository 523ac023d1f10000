#!/bin/sh
# Follows a session of a server that is killed, stopped, started anew and made to fail, and wants every
# item once and in order: weir serve, and the reference server of Durable Streams, which comes from npm:
#	durable-faults.sh BUILD_DIR
# The last line is "N passed, N failed"; 77 when there is no node. Not part of `make check`: it needs
# the network, and real time.
set -eu
version=0.3.7
build=$(cd "${1:?usage: durable-faults.sh BUILD_DIR}" && pwd)

skip() {
	echo "durable-faults: skipped, $1"
	exit 77
}

command -v node >/dev/null && command -v npm >/dev/null || skip "node and npm are not installed"
cache=${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/weir/durable-client-$version
mkdir -p "$cache"
if [ ! -e "$cache/complete" ]; then
	(cd "$cache" && printf '{"private":true}\n' >package.json &&
	    npm install --no-audit --no-fund --loglevel=error "@durable-streams/server@$version" \
	    >npm.log 2>&1) || skip "npm cannot install the server, see $cache/npm.log"
	touch "$cache/complete"
fi

# server.mjs PORT DATA: faults to make come as lines of JSON.
cat >"$cache/failing.mjs" <<'END'
import { DurableStreamTestServer } from "@durable-streams/server";
import { createInterface } from "node:readline";
const server = new DurableStreamTestServer({ port: +process.argv[2], dataDir: process.argv[3],
    longPollTimeout: 500, compression: false });
await server.start();
console.log(server.url);
createInterface({ input: process.stdin }).on("line", line => {
	server.injectFault("/v1/stream/s", JSON.parse(line));
	console.log("ok");
});
END

cat >"$cache/faults.mjs" <<'END'
import { spawn } from "node:child_process";
import { openSync, readFileSync } from "node:fs";
import { createInterface } from "node:readline";

const [build, cache, work] = process.argv.slice(2);
const sleep = ms => new Promise(r => setTimeout(r, ms));
let passed = 0, failed = 0;

class Server {
	constructor(name, argv) { Object.assign(this, { name, argv, port: 0 }); }
	async start() {
		const [program, ...args] = this.argv(this.port);
		this.child = spawn(program, args, { stdio: ["pipe", "pipe", "pipe", "pipe"] });
		this.child.stdin.on("error", () => {});
		const said = this.name === "weir serve" ? this.child.stdio[3] : this.child.stdout;
		this.lines = createInterface({ input: said })[Symbol.asyncIterator]();
		for (;;) {
			const { value, done } = await this.lines.next();
			if (done) throw new Error(`${this.name} does not start`);
			const url = /http:\/\/[^ ]*:(\d+)/.exec(value);
			if (url === null) continue;
			this.port = +url[1];
			break;
		}
		this.url = `http://127.0.0.1:${this.port}/v1/stream/s`;
	}
	async end(signal) {
		const gone = new Promise(r => this.child.on("exit", r));
		this.child.kill(signal);
		await gone;
	}
	async fault(f) {
		this.child.stdin.write(JSON.stringify(f) + "\n");
		await this.lines.next();
	}
	async request(method, body) {
		const r = await fetch(this.url, { method, body, headers: { "content-type": "application/json" } });
		if (!r.ok) throw new Error(`${this.name}: ${method} ${r.status}`);
		await r.text();
	}
}

let n = 0;
const want = () => Array.from({ length: n }, (_, i) => `raw: "item ${i}"\n`).join("");
const publish = async (server, count) => {
	for (let i = 0; i < count; i++)
		await server.request("POST", JSON.stringify([`item ${n++}`]));
};

/* Waits until weir has printed all there is, and nothing else. */
const check = async (server, file, what) => {
	const until = Date.now() + 60000;
	let got;
	do {
		got = readFileSync(file, "utf8");
		if (got.length < want().length) await sleep(20);
	} while (got.length < want().length && Date.now() < until);
	const ok = got === want();
	console.log(`${ok ? "ok" : "FAILED"}: ${server.name}: ${what}`);
	ok ? passed++ : failed++;
	return ok;
};

const faults = [
	["500", { status: 500, count: 3 }], ["501", { status: 501, count: 1 }],
	["502", { status: 502, count: 1 }], ["503", { status: 503, count: 2 }],
	["504", { status: 504, count: 1 }], ["429 with Retry-After", { status: 429, retryAfter: 1, count: 2 }],
	["slow answers", { delayMs: 1500, count: 2 }], ["dropped connections", { dropConnection: true, count: 3 }],
	["bodies cut short", { truncateBodyBytes: 10, count: 2 }],
	["an event of an unknown type", { injectSseEvent: { eventType: "unknown", data: "x" }, count: 2 }],
	["a control event that is none", { injectSseEvent: { eventType: "control", data: "{" }, count: 2 }],
];

/* A weir that has read all there is; then the trouble, and then more to read. It is a new one each
 * time: no weir connects more than 20 times a minute. */
const trouble = async (server, what, make) => {
	const file = `${work}/out`;
	const weir = spawn(`${build}/weir`, ["tail", "--backoff-initial", "200", "--backoff-maximum", "1000",
	    server.url], { stdio: ["ignore", openSync(file, "w"), openSync(`${file}.err`, "w")] });
	const gone = new Promise(r => weir.on("exit", r));
	if (await check(server, file, `before ${what}`)) {
		await make();
		await publish(server, 10);
		if (!await check(server, file, what)) console.log(readFileSync(`${file}.err`, "utf8"));
	}
	weir.kill("SIGTERM");
	await gone;
};

const run = async server => {
	n = 0;
	await server.start();
	await server.request("PUT", "[]");
	await publish(server, 20);
	await trouble(server, "a kill", async () => {
		await server.end("SIGKILL");
		await sleep(500);
		await server.start();
	});
	await trouble(server, "an orderly end", async () => {
		await server.end("SIGTERM");
		await server.start();
	});
	await trouble(server, "a stop", async () => {
		server.child.kill("SIGSTOP");
		await sleep(1000);
		server.child.kill("SIGCONT");
	});
	await trouble(server, "a stop and a kill", async () => {
		server.child.kill("SIGSTOP");
		await sleep(300);
		await server.end("SIGKILL");
		await server.start();
	});
	/* Who follows comes again, and meets the fault; who publishes does not. */
	for (const [what, fault] of server.name === "weir serve" ? [] : faults)
		await trouble(server, what, async () => {
			await server.end("SIGKILL");
			await server.start();
			await server.fault({ method: "GET", ...fault });
			await sleep(300);
		});
	await server.end("SIGKILL");
};

await run(new Server("weir serve", port => [`${build}/weir-serve`, "--listen", `127.0.0.1:${port}`,
    "--data", `${work}/serve`, "--log", "/dev/null", "--ready-fd", "3"]));
await run(new Server("the reference server", port => ["node", `${cache}/failing.mjs`, port,
    `${work}/reference`]));
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed > 0 || passed === 0 ? 1 : 0);
END

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM HUP
XDG_STATE_HOME=$work XDG_CONFIG_HOME=$work XDG_RUNTIME_DIR=$work node "$cache/faults.mjs" "$build" \
    "$cache" "$work"
