/**
 * What TensorFlow and the libraries below it write while they load, before any setting of theirs is heard
 * (TF_CPP_MIN_LOG_LEVEL included).
 */
const notices: readonly RegExp[] = [
  /^WARNING: All log messages before absl::InitializeLog\(\) is called are written to STDERR$/,
  // Abseil's log lines of the severity "information":
  // I0000 00:00:1795405000.863722   18430 port.cc:153] oneDNN custom operations are on. ...
  /^I\d{4} \d\d:\d\d:\d+\.\d+ +\d+ [\w./-]+:\d+\] /,
  /^To enable the following instructions: .*rebuild TensorFlow with the appropriate compiler flags\.$/,
  // The GPU's library finds its own plug-ins twice.
  /^[EW]\d{4} \d\d:\d\d:\d+\.\d+ +\d+ cuda_\w+\.cc:\d+\] Unable to register cu\w+ (factory|.*already been registered)/,
];

/**
 * Whether a line of a process's output is such a notice: it says nothing about what went wrong, and stands last where
 * nothing else is said.
 */
export const isLibraryNotice = (line: string): boolean => notices.some((notice) => notice.test(line));
