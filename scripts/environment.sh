# shellcheck shell=sh disable=SC2154  # root comes from the script that sources this
# Sourced by ./run and ./test with $root set: makes and checks the Python environment in .venv.
#
# ensure_environment LOCK: afterwards $root/.venv holds exactly what LOCK pins (or more), installed
# from hashes, and the project itself. A stamp beside it makes the second call a matter of
# milliseconds; the stamp names the folder too, because an environment does not survive a move.

PATH=${PATH:-/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin}
export PATH
# Another project's variables must not leak in: the environment alone says what is importable.
unset PYTHONPATH PYTHONHOME VIRTUAL_ENV || true

venv=$root/.venv
venv_python=$venv/bin/python

fail() {
    printf '%s\n' "$@" >&2
    exit 1
}

is_new_enough() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

home_folder() {
    if [ -n "${HOME:-}" ]; then
        printf '%s' "$HOME"
    else
        getent passwd "$(id -u)" 2>/dev/null | cut -d: -f6
    fi
}

# Prints the first Python >= 3.11 found: what $PYTHON names, the search path, the usual folders.
find_python() {
    home=$(home_folder)
    for candidate in ${PYTHON:+"$PYTHON"} python3.11 python3.12 python3.13 python3.14 python3 python \
        /usr/local/bin/python3.1[1-9] /opt/homebrew/bin/python3.1[1-9] \
        "$home"/.pyenv/versions/3.1[1-9]*/bin/python3 \
        "$home"/.local/share/uv/python/cpython-3.1[1-9]*/bin/python3; do
        resolved=$(command -v "$candidate" 2>/dev/null) || continue
        if is_new_enough "$resolved"; then
            printf '%s' "$resolved"
            return 0
        fi
    done
    return 1
}

explain_missing_python() {
    fail "This project needs Python 3.11 or newer, and none was found${PYTHON:+ (PYTHON=$PYTHON is too old or missing)}." \
        "  Debian, Ubuntu:  sudo apt-get install python3 python3-venv" \
        "  Fedora:          sudo dnf install python3" \
        "  macOS:           brew install python" \
        "  elsewhere:       install it from python.org, then try again," \
        "                   or name one with PYTHON=/path/to/python3 ./${0##*/}"
}

# What the stamp must say: this folder, and these pinned versions.
wanted_stamp() {
    printf '%s %s' "$root" "$(cksum <"$root/$1")"
}

is_stamped() {
    [ -f "$venv/.installed-$1" ] && [ "$(cat "$venv/.installed-$1")" = "$(wanted_stamp "$1")" ]
}

make_venv() {
    python=$(find_python) || explain_missing_python
    printf 'making .venv with %s\n' "$("$python" --version 2>&1)" >&2
    "$python" -m venv --clear "$venv" >&2 || fail \
        "$python cannot make a virtual environment." \
        "  Debian, Ubuntu:  sudo apt-get install python3-venv"
}

install_locked() {
    printf 'installing what %s pins\n' "$1" >&2
    "$venv_python" -m pip install -qq --disable-pip-version-check --require-hashes \
        -r "$root/$1" >&2 || fail \
        "The packages of $1 could not be installed (see above)." \
        "  Is there a network, or a package mirror in pip's configuration? Then try again."
    # compat: one line of path, so a new top-level package needs no new installation.
    "$venv_python" -m pip install -qq --disable-pip-version-check --no-deps \
        --no-build-isolation --config-settings editable_mode=compat -e "$root" >&2 || fail \
        "The project itself could not be installed into .venv (see above)." \
        "  Remove .venv and try again."
}

ensure_environment() {
    if [ -x "$venv_python" ] && { is_stamped "$1" || is_stamped requirements-dev.lock; }; then
        return 0
    fi
    is_new_enough "$venv_python" || make_venv
    install_locked "$1"
    wanted_stamp "$1" >"$venv/.installed-$1"
}
