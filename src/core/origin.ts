/** From where somebody asks: written into the audit log with what they did. */
export interface Origin {
  /** The client's address; empty when it is not known. */
  address: string;
  userAgent: string;
  requestId: string;
}
