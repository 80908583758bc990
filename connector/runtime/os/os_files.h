// Files of the operating system below one directory.
#ifndef PRAVEGA_CONNECTOR_RUNTIME_OS_OS_FILES_H_
#define PRAVEGA_CONNECTOR_RUNTIME_OS_OS_FILES_H_

#include <memory>
#include <string>

#include "connector/runtime/files.h"

namespace pravega::runtime {

// Paths are relative to `directory`; absolute ones and those with "..", which would leave it, are InvalidArgument. What
// lies between is created when needed. With an empty `directory` everything is FailedPrecondition. Operations block the
// loop's thread while they last: this is for logs and results, not for the data path.
std::unique_ptr<Files> NewOsFiles(std::string directory);

}  // namespace pravega::runtime

#endif  // PRAVEGA_CONNECTOR_RUNTIME_OS_OS_FILES_H_
