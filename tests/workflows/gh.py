"""Stands for `gh`: keeps issues and comments in state.json beside itself, and every call in calls.jsonl."""

import json
import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent


def option(words, *names):
    return next((words[at + 1] for at, word in enumerate(words) if word in names), None)


def filtered(data, words):
    """What --jq makes of an answer, by jq itself."""
    done = subprocess.run(
        ["jq", "-r", option(words, "--jq")],
        input=json.dumps(data),
        encoding="utf-8",
        stdout=subprocess.PIPE,
        check=True,
    )
    print(done.stdout, end="")


def body(words):
    name = option(words, "--body-file") or option(words, "--field").partition("body=@")[2]
    return Path(name).read_text(encoding="utf-8")


def missing():
    print('{"message":"Not Found","status":"404"}')
    sys.exit("gh: Not Found (HTTP 404)")


def issues(state, words):
    if words[1] == "list":
        filtered([issue for issue in state["issues"] if option(words, "--label") in issue["labels"]], words)
    elif words[1] == "create":
        assert option(words, "--label") in state["labels"], "gh refuses a label that is not there"
        number = len(state["issues"]) + 1
        state["issues"].append({"number": number, "labels": [option(words, "--label")], "body": body(words)})
    else:
        assert words[1] == "edit", words
        next(issue for issue in state["issues"] if str(issue["number"]) == words[2])["body"] = body(words)


def pages(state, words):
    filtered({"build_type": state["pages"]}, words) if state.get("pages") else missing()


def compare(state, words):
    if state.get("files") is None:
        missing()
    filtered({"files": [{"filename": name} for name in state["files"]]}, words)


def pulls(state, words):
    head = next(word for word in words if word.startswith("head="))
    filtered([pull for pull in state["pulls"] if f"head={pull['label']}" == head], words)


def comments(state, words):
    if "--paginate" in words:
        filtered(state["comments"], words)
    elif option(words, "--method") == "POST":
        author = {"login": "github-actions[bot]"}
        state["comments"].append({"id": 70 + len(state["comments"]), "user": author, "body": body(words)})
    else:
        assert option(words, "--method") == "PATCH", words
        number = int(next(word for word in words if "/comments/" in word).rpartition("/")[2])
        next(comment for comment in state["comments"] if comment["id"] == number)["body"] = body(words)


def api(state, words):
    address = next(word for word in words if word.startswith("repos/"))
    for part, handler in {"/pages": pages, "/compare/": compare, "/pulls": pulls, "/comments": comments}.items():
        if part in address:
            return handler(state, words)
    return sys.exit(f"gh: not known here: {words}")


def labels(state, words):
    state["labels"].append(words[2])


def nothing(state, words):
    assert words[:2] in (["auth", "setup-git"], ["workflow", "enable"], ["release", "create"]), words


COMMANDS = {"issue": issues, "api": api, "label": labels, "auth": nothing, "workflow": nothing, "release": nothing}


def main(words):
    path = FOLDER / "state.json"
    state = {"issues": [], "labels": [], "pulls": [], "comments": []}
    if path.exists():
        state |= json.loads(path.read_text(encoding="utf-8"))
    with (FOLDER / "calls.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps(words) + "\n")
    COMMANDS[words[0]](state, words)
    path.write_text(json.dumps(state), encoding="utf-8")


main(sys.argv[1:])
