#include "tests/unit.h"

#include "tests/wire/framing.h"
#include "wire/records.h"

static const struct dialect *const d = &dialect_durable;

#define SAID(type, data) "{\"type\":\"" type "\",\"timestamp\":7,\"data\":{" data "}}"

static void
test_agents_in_containers(void **state)
{
	(void)state;
	framing_decode(d, SAID("container-agent:token", "\"taskId\":\"t\",\"delta\":\"hi\""),
	    "msg t=7 id=t agent=t role=agent\ntext t=7 op=append msg=t data=hi\n");
	framing_decode(d, SAID("container-agent:tool:result", "\"taskId\":\"t\",\"toolName\":\"bash\","
	    "\"toolId\":\"x\",\"result\":\"no\",\"isError\":true,\"durationMs\":5"),
	    "tool t=7 id=x name=bash state=error output=no ms=5\n");
	framing_decode(d, SAID("container-agent:turn", "\"taskId\":\"t\",\"turn\":2,\"maxTurns\":9"),
	    "agent t=7 id=t status=running turn=2 max=9\nsess t=7 status=busy\n");
	framing_decode(d, SAID("container-agent:complete", "\"taskId\":\"t\",\"status\":\"cancelled\""),
	    "agent t=7 id=t status=cancelled\nsess t=7 status=idle\n");
	framing_decode(d, SAID("container-agent:error", "\"taskId\":\"t\",\"error\":\"broke\""),
	    "agent t=7 id=t status=error error=broke\nsess t=7 status=idle\n");
	framing_decode(d, SAID("container-agent:status", "\"taskId\":\"t\",\"stage\":\"executing\","
	    "\"message\":\"now\""), "flow t=7 op=stage id=t text=now state=executing\n");
	framing_decode(d, SAID("container-agent:file_changed", "\"path\":\"a.c\",\"action\":\"modify\","
	    "\"additions\":3,\"deletions\":1"), "flow t=7 op=file id=a.c text=a.c +3 -1 state=modify\n");
	framing_decode(d, SAID("container-agent:plan_ready", "\"taskId\":\"t\",\"plan\":\"do\""),
	    "ask t=7 id=plan t 7 what=plan text=do\n");
}

static void
test_plans_and_others(void **state)
{
	(void)state;
	framing_decode(d, SAID("plan:turn", "\"role\":\"user\",\"content\":\"go\""),
	    "msg t=7 id=plan 7 role=user state=sent\ntext t=7 op=replace msg=plan 7 data=go\n");
	framing_decode(d, SAID("plan:interaction", "\"interactionId\":\"i\",\"questions\":[{\"question\":"
	    "\"Why?\"}]"),
	    "ask t=7 id=i what=question title=plan options=[{\"question\":\"Why?\"}]\n");
	framing_decode(d, SAID("topology:agent_spawned", "\"agentId\":\"b\",\"name\":\"ben\",\"role\":\"r\","
	    "\"parentId\":\"a\""),
	    "flow t=7 op=spawn id=b text=ben state=r\nagent t=7 id=b status=running parent=a\n");
	framing_decode(d, SAID("sandbox:ready", "\"sandboxId\":\"s\""),
	    "flow t=7 op=stage id=s text=s state=ready\n");
}

#define OUTPUT(type, content, more) "{\"type\":\"output\",\"chunk\":{\"type\":\"" type \
	"\",\"content\":\"" content "\"" more "},\"timestamp\":\"1970-01-01T00:00:00.009Z\"}"

static void
test_output_of_agents(void **state)
{
	(void)state;
	framing_decode(d, OUTPUT("text", "hi", ""), "text t=9 op=append msg=output data=hi\n");
	framing_decode(d, OUTPUT("thinking", "hm", ""),
	    "text t=9 op=append msg=output sort=reason data=hm\n");
	framing_decode(d, OUTPUT("user_message", "do", ""),
	    "msg t=9 id=typed 9 role=user state=sent\ntext t=9 op=replace msg=typed 9 data=do\n");
	framing_decode(d, OUTPUT("tool_use", "ls", ",\"metadata\":{\"toolUseId\":\"x\",\"toolName\":\"bash\"}"),
	    "tool t=9 id=x name=bash state=running input=ls\n");
	framing_decode(d, OUTPUT("error", "bad", ""), "note t=9 level=error text=bad\n");
	framing_decode(d, "{\"type\":\"status_change\",\"status\":\"running\"}",
	    "sess status=busy message=running\n");
	framing_decode(d, "{\"type\":\"agent_state\",\"messages\":[]}", "");
	framing_decode(d, "{\"type\":\"approval_request\",\"command\":\"rm\",\"timestamp\":3}",
	    "ask t=3 id=asked 3 what=permission text=rm\n");
}

static void
test_anything_else(void **state)
{
	(void)state;
	framing_decode(d, "{\"type\":\"odd:thing\",\"data\":{}}",
	    "note level=raw text={\"type\":\"odd:thing\",\"data\":{}}\n");
	framing_decode(d, "[1]", "note level=raw text=[1]\n");
	framing_decode(d, SAID("container-agent:nothing", "\"turn\":1"), "note level=raw text="
	    SAID("container-agent:nothing", "\"turn\":1") "\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_agents_in_containers),
		cmocka_unit_test(test_plans_and_others),
		cmocka_unit_test(test_output_of_agents),
		cmocka_unit_test(test_anything_else),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
