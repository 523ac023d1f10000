/* What an opencode server offers to choose from: agents, models, and slash commands. */
#include "wire/opencode.h"

static void
give(const struct offer_sink *sink, struct str name, struct str about)
{
	if (name.n > 0)
		sink->offer(sink->ctx, name, about);
}

/* Those that are called by other agents, or for nobody to see, answer no person. */
static bool
answers(struct str agent)
{
	struct buf mode = { 0 };
	struct str hidden;
	bool is = !(json_get(agent, "hidden", &hidden) && str_eq(hidden, STR("true"))) &&
	    !(json_get_text(agent, "mode", &mode) && str_eq(buf_view(&mode), STR("subagent")));

	buf_done(&mode);
	return is;
}

/* [{"name","description"}] */
static bool
give_named(struct str array, bool (*wanted)(struct str element), const struct offer_sink *sink)
{
	struct buf name = { 0 }, about = { 0 };
	struct json j;
	struct str element;

	json_init(&j, array);
	for (json_array(&j); json_element(&j) && json_value(&j, &element);) {
		if (wanted != NULL && !wanted(element))
			continue;
		buf_clear(&name);
		buf_clear(&about);
		json_get_text(element, "name", &name);
		json_get_text(element, "description", &about);
		give(sink, buf_view(&name), buf_view(&about));
	}
	buf_done(&name);
	buf_done(&about);
	return json_end(&j);
}

/* A model is called PROVIDER/MODEL, and about it is said how both are shown elsewhere. */
static void
give_models(struct str provider, const struct offer_sink *sink)
{
	struct buf id = { 0 }, called = { 0 }, name = { 0 }, about = { 0 };
	struct str models, key, model;
	struct json j;

	if (!json_get_text(provider, "id", &id) || !json_get(provider, "models", &models))
		goto out;
	json_get_text(provider, "name", &called);
	json_init(&j, models);
	for (json_object(&j); json_member(&j, &key) && json_value(&j, &model);) {
		buf_set(&name, buf_view(&id));
		buf_byte(&name, '/');
		json_unescape(key, &name);
		buf_clear(&about);
		json_get_text(model, "name", &about);
		buf_str(&about, about.n > 0 && called.n > 0 ? STR(", ") : STR_NONE);
		buf_str(&about, buf_view(&called));
		give(sink, buf_view(&name), buf_view(&about));
	}
out:
	buf_done(&id);
	buf_done(&called);
	buf_done(&name);
	buf_done(&about);
}

static bool
give_providers(struct str body, const struct offer_sink *sink)
{
	struct str providers, provider;
	struct json j;

	if (!json_get(body, "providers", &providers))
		return false;
	json_init(&j, providers);
	for (json_array(&j); json_element(&j) && json_value(&j, &provider);)
		give_models(provider, sink);
	return json_end(&j);
}

bool
opencode_offers(enum act_kind kind, struct str body, const struct offer_sink *sink)
{
	if (kind == ACT_MODELS)
		return give_providers(body, sink);
	return give_named(body, kind == ACT_AGENTS ? answers : NULL, sink);
}
