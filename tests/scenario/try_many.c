/* try_many — channelctl again and again in one process: a line of standard input is OUT and the words of a command, apart
 * by tabs; its output goes to OUT and OUT.err, its exit status to standard output. */
#define main channelctl_main
#include "tools/channelctl/main.c"
#undef main

enum { WORDS = 32 };

static int run_words(const char *out, int n, char **words) {
    AUTO(buf) said = {0};
    buf_printf(&said, "%s.err", out);
    if (!freopen(out, "we", stdout) || !freopen(buf_z(&said), "we", stderr)) return err_exit_status(ERR_INTERNAL);
    int status = channelctl_main(n, words);
    return fflush(NULL) == 0 ? status : err_exit_status(ERR_INTERNAL);
}

int main(void) {
    char *line = NULL;
    size_t cap = 0;
    int answers = dup(STDOUT_FILENO);
    for (ssize_t n; (n = getline(&line, &cap, stdin)) > 0;) {
        char *words[WORDS + 1] = {NULL}, *rest = line;
        int count = 0;
        line[n - 1] = '\0';
        while (count < WORDS && (words[count] = strsep(&rest, "\t"))) count++;
        if (dprintf(answers, "%d\n", run_words(words[0], count, words)) < 0) return err_exit_status(ERR_INTERNAL);
    }
    free(line);
    return 0;
}
