/* A program with an embedded Python, which runs the script that is its first argument. */

#include <Python.h>
#include <stdio.h>
#include <string.h>

int main(int argc, char **argv)
{
    PyConfig config;
    PyStatus status;
    FILE *file = argc > 1 ? fopen(argv[1], "r") : NULL;
    int failed;

    if (!file) {
        fprintf(stderr, "host: no script %s\n", argc > 1 ? argv[1] : "is named");
        return 3;
    }
    PyConfig_InitPythonConfig(&config);
    if (getenv("CANIFORK_NAMED")) {
        status = PyConfig_SetBytesString(&config, &config.program_name, argv[0]);
        if (PyStatus_Exception(status))
            return 4;
    }
    status = Py_InitializeFromConfig(&config);
    PyConfig_Clear(&config);
    if (PyStatus_Exception(status)) {
        fprintf(stderr, "host: Python does not begin: %s\n", status.err_msg);
        return 4;
    }
    PyRun_SimpleString("import sys; sys.argv = ['script']");
    failed = PyRun_SimpleFile(file, argv[1]);
    return Py_FinalizeEx() < 0 ? 5 : failed != 0;
}
