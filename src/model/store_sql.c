#include "model/store_db.h"

const char *const *const store_migrations[] = {
	(const char *const[]){
		"CREATE TABLE session (id INTEGER PRIMARY KEY, name BLOB NOT NULL UNIQUE, "
		"dialect BLOB NOT NULL, cursor BLOB NOT NULL, skip INTEGER NOT NULL, "
		"records INTEGER NOT NULL)",
		"CREATE TABLE record (session INTEGER NOT NULL, n INTEGER NOT NULL, "
		"time INTEGER NOT NULL, bytes BLOB NOT NULL, PRIMARY KEY (session, n)) WITHOUT ROWID",
		"CREATE TABLE producer (session INTEGER NOT NULL, lane INTEGER NOT NULL, "
		"id BLOB NOT NULL, epoch INTEGER NOT NULL, seq INTEGER NOT NULL, "
		"PRIMARY KEY (session, lane)) WITHOUT ROWID",
		"CREATE TABLE outbox (id INTEGER PRIMARY KEY, session INTEGER NOT NULL, "
		"lane INTEGER NOT NULL, seq INTEGER NOT NULL, act BLOB NOT NULL, "
		"kind INTEGER NOT NULL, user BLOB NOT NULL, text BLOB NOT NULL, ask BLOB NOT NULL, "
		"answer INTEGER NOT NULL, time INTEGER NOT NULL, reason BLOB)",
		NULL },
	(const char *const[]){
		"CREATE TABLE page (session INTEGER NOT NULL, n INTEGER NOT NULL, "
		"bytes BLOB NOT NULL, PRIMARY KEY (session, n)) WITHOUT ROWID",
		"CREATE TABLE fold (session INTEGER PRIMARY KEY, state BLOB NOT NULL)",
		"CREATE TABLE item (session INTEGER NOT NULL, n INTEGER NOT NULL, bytes BLOB NOT NULL, "
		"PRIMARY KEY (session, n)) WITHOUT ROWID",
		"CREATE TABLE entity (session INTEGER NOT NULL, key BLOB NOT NULL, bytes BLOB NOT NULL, "
		"PRIMARY KEY (session, key)) WITHOUT ROWID",
		"CREATE TABLE usage (session INTEGER PRIMARY KEY, used INTEGER NOT NULL, "
		"bytes INTEGER NOT NULL)",
		"INSERT INTO usage SELECT id, strftime('%s', 'now') * 1000, (SELECT "
		"ifnull(sum(length(bytes)), 0) FROM record WHERE record.session = session.id) "
		"FROM session",
		NULL },
	(const char *const[]){
		"CREATE TABLE judged (entry INTEGER PRIMARY KEY, shown BLOB NOT NULL)",
		NULL },
};
const int store_version = sizeof store_migrations / sizeof *store_migrations;

#define LEFT "session = ?1 AND lane = ?2 AND reason IS NULL"

#define SLICE(table, key, n) "DELETE FROM " table " WHERE session = ?1 AND " key " IN " \
	"(SELECT " key " FROM " table " WHERE session = ?1 LIMIT " n ")"

const char *const store_sql[QUERIES] = {
	[Q_BEGIN] = "BEGIN IMMEDIATE",
	[Q_COMMIT] = "COMMIT",
	[Q_ROLLBACK] = "ROLLBACK",
	[Q_FULL] = "PRAGMA synchronous = FULL",
	[Q_NORMAL] = "PRAGMA synchronous = NORMAL",
	[Q_SESSION] = "SELECT id, dialect, cursor, skip, records, ifnull(bytes, 0) FROM session "
	    "LEFT JOIN usage ON usage.session = id WHERE name = ?1",
	[Q_SESSION_ADD] = "INSERT INTO session (name, dialect, cursor, skip, records) "
	    "VALUES (?1, ?2, x'', 0, 0)",
	[Q_SESSION_SET] = "UPDATE session SET dialect = ?2, cursor = ?3, skip = ?4, records = ?5 "
	    "WHERE id = ?1",
	[Q_LAST] = "SELECT max(n) FROM page WHERE session = ?1",
	[Q_FORGET] = "DELETE FROM page WHERE session = ?1",
	[Q_APPEND] = "INSERT INTO page (session, n, bytes) VALUES (?1, ?2, ?3)",
	[Q_REPLAY] = "SELECT n, bytes FROM page WHERE session = ?1 AND n > ?2 AND n <= ?3 ORDER BY n",
	[Q_OLD] = "SELECT session, n, time, bytes FROM record ORDER BY session, n",
	[Q_OLD_DROP] = "DELETE FROM record",
	[Q_SESSIONS] = "SELECT id, name, dialect, records, ifnull(bytes, 0), "
	    /* One that was killed before it could say is as good as in use. */
	    "ifnull(used, strftime('%s', 'now') * 1000), "
	    "(SELECT count(*) FROM outbox WHERE outbox.session = session.id AND reason IS NULL) "
	    "FROM session LEFT JOIN usage ON usage.session = id ORDER BY 6, 1",
	[Q_PAGE_SIZE] = "PRAGMA page_size",
	[Q_PAGE_COUNT] = "PRAGMA page_count",
	[Q_SPARE] = "PRAGMA freelist_count",
	[Q_VACUUM] = "PRAGMA incremental_vacuum(256)",
	[Q_INTEGRITY] = "PRAGMA integrity_check(20)",
	[Q_PRUNE_PAGES] = SLICE("page", "n", "8"),
	[Q_PRUNE_ITEMS] = SLICE("item", "n", "256"),
	[Q_PRUNE_ENTITIES] = SLICE("entity", "key", "1024"),
	[Q_PRUNE_USAGE] = "DELETE FROM usage WHERE session = ?1",
	[Q_PRUNE_PRODUCERS] = "DELETE FROM producer WHERE session = ?1",
	[Q_PRUNE_OUTBOX] = "DELETE FROM outbox WHERE session = ?1",
	[Q_PRUNE_SESSION] = "DELETE FROM session WHERE id = ?1",
	[Q_USAGE] = "INSERT INTO usage (session, used, bytes) VALUES (?1, ?2, ?3) "
	    "ON CONFLICT (session) DO UPDATE SET used = ?2, bytes = ?3",
	[Q_FOLD] = "SELECT state FROM fold WHERE session = ?1",
	[Q_FOLD_PUT] = "REPLACE INTO fold (session, state) VALUES (?1, ?2)",
	[Q_FOLD_DROP] = "DELETE FROM fold WHERE session = ?1",
	[Q_ITEM] = "SELECT bytes FROM item WHERE session = ?1 AND n = ?2",
	[Q_ITEM_PUT] = "REPLACE INTO item (session, n, bytes) VALUES (?1, ?2, ?3)",
	[Q_ITEM_DROP] = "DELETE FROM item WHERE session = ?1",
	[Q_ENTITY] = "SELECT bytes FROM entity WHERE session = ?1 AND key = ?2",
	[Q_ENTITY_PUT] = "REPLACE INTO entity (session, key, bytes) VALUES (?1, ?2, ?3)",
	[Q_ENTITY_DROP] = "DELETE FROM entity WHERE session = ?1",
	[Q_LANES] = "SELECT DISTINCT lane FROM outbox WHERE session = ?1 AND reason IS NULL "
	    "ORDER BY lane",
	[Q_PRODUCER] = "SELECT id, epoch FROM producer WHERE session = ?1 AND lane = ?2",
	[Q_PRODUCER_ADD] = "INSERT INTO producer (session, lane, id, epoch, seq) "
	    "VALUES (?1, ?2, ?3, 0, 0)",
	[Q_PRODUCER_NEXT] = "UPDATE producer SET seq = seq + 1 WHERE session = ?1 AND lane = ?2 "
	    "RETURNING seq - 1",
	[Q_PRODUCER_SET] = "UPDATE producer SET epoch = ?3, seq = (SELECT count(*) FROM outbox "
	    "WHERE " LEFT ") WHERE session = ?1 AND lane = ?2",
	[Q_PUT] = "INSERT INTO outbox (session, lane, seq, act, kind, user, text, ask, answer, "
	    "time) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
	[Q_JUDGED] = "REPLACE INTO judged (entry, shown) VALUES (?1, ?2)",
	[Q_JUDGED_DROP] = "DELETE FROM judged WHERE entry = ?1",
	[Q_CONFIRM] = "DELETE FROM outbox WHERE id = ?1",
	[Q_REJECT] = "UPDATE outbox SET reason = ?2 WHERE id = ?1",
	[Q_ENTRIES] = "SELECT id, seq, act, kind, user, text, ask, answer, time, lane, reason, "
	    "ifnull(shown, x'') FROM outbox LEFT JOIN judged ON entry = id "
	    "WHERE session = ?1 ORDER BY id",
	[Q_RENUMBER] = "UPDATE outbox SET seq = (SELECT count(*) FROM outbox o WHERE o.session = ?1 "
	    "AND o.lane = ?2 AND o.reason IS NULL AND o.id < outbox.id) WHERE " LEFT,
};
