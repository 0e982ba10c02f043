/** What tests need of the SDK's own files. */
@org.jspecify.annotations.NullMarked
package dev.andon.sdk;
