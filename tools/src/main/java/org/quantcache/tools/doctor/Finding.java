package org.quantcache.tools.doctor;

/**
 * One thing that was looked at.
 *
 * @param subject what it is
 * @param use what needs it
 * @param required whether the cpu device cannot do without it
 * @param ok whether it is there
 * @param found what is there, or what is wrong
 * @param fix what to do about it; empty where nothing need be done
 */
public record Finding(
    String subject, String use, boolean required, boolean ok, String found, String fix) {
  /** Something that is as it should be, or whose absence hinders nobody. */
  static Finding good(String subject, String use, String found) {
    return new Finding(subject, use, false, true, found, "");
  }

  /** Something that is not there and that the cpu device does without. */
  static Finding missing(String subject, String use, String found, String fix) {
    return new Finding(subject, use, false, false, found, fix);
  }

  /** The same of something that the cpu device needs. */
  Finding asRequired() {
    return new Finding(subject, use, true, ok, found, fix);
  }

  /** Whether it keeps the cpu device from running. */
  public boolean stopsCpu() {
    return required && !ok;
  }
}
